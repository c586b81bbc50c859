/** Texts as the language-model test beds read them. */

/** Lower-case letters and single spaces: every run of other characters is one space. */
export const lettersOf = (text: string) =>
  text
    .toLowerCase()
    .replaceAll(/[^a-z]+/g, " ")
    .trim()
