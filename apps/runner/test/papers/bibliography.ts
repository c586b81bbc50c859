/** What the index of papers needs of `references.bib`: authors, title, year, as plain text. */

export interface Reference {
  readonly authors: ReadonlyArray<string>
  readonly title: string
  readonly year: string
}

/** TeX's accents as Unicode's combining characters. */
const accents: { readonly [command: string]: string } = {
  "'": "\u0301",
  "`": "\u0300",
  '"': "\u0308",
  "^": "\u0302",
  "~": "\u0303",
  c: "\u0327",
  v: "\u030c",
}
const letters: { readonly [command: string]: string } = { o: "ø", O: "Ø", l: "ł", L: "Ł", ss: "ß", ae: "æ", aa: "å" }

/** Text of TeX as plain text. Throws on a command that it doesn't know, rather than show it. */
export const plainText = (tex: string): string => {
  const text = tex
    .replaceAll(
      /\{?\\(['`"^~]|[cv](?=[\s{]))\s*\{?([A-Za-z])\}?\}?/g,
      (_, accent: string, letter: string) => `${letter}${accents[accent]!}`,
    )
    .replaceAll(/\{?\\(ss|ae|aa|[oOlL])(?![A-Za-z])\}?/g, (_, letter: string) => letters[letter]!)
    .replaceAll("--", "–")
    .replaceAll(/\$(\w+)\$/g, "$1")
    .replaceAll(/[{}]/g, "")
    .normalize("NFC")
  if (/[\\$]/.test(text)) throw new Error(`references.bib: ${tex} has TeX that isn't known here`)
  return text
}

/** `Yang, Zhendong` and `van Erven, Tim` by their family names. */
const families = (authors: string): ReadonlyArray<string> =>
  authors.split(/\s+and\s+/).map((author) => plainText(author.split(",")[0]!))

const field = (entry: string, name: string): string =>
  new RegExp(`^\\s*${name}\\s*=\\s*\\{(.*)\\},?\\s*$`, "m").exec(entry)?.[1] ?? ""

/** The entry of a key; throws where there is none, or one without a title. */
export const referenceOf = (bibliography: string, key: string): Reference => {
  const from = new RegExp(`^@\\w+\\{${key},`, "m").exec(bibliography)?.index
  if (from === undefined) throw new Error(`references.bib has no ${key}`)
  const entry = bibliography.slice(from, bibliography.indexOf("\n}", from))
  const title = field(entry, "title")
  if (title === "") throw new Error(`references.bib: ${key} has no title on a line`)
  return { authors: families(field(entry, "author")), title: plainText(title), year: field(entry, "year") }
}
