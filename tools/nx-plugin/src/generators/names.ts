/** Names of what is generated: kebab-case for folders and stages, camelCase for values, PascalCase for schemas. */

/** Words that a value can't be called. */
const reserved = new Set(
  "await break case catch class const continue debugger default delete do else enum export extends false finally for function if implements import in instanceof interface let new null package private protected public return static super switch this throw true try typeof var void while with yield".split(
    " ",
  ),
)

export interface Names {
  /** `my-stage`. */
  readonly kebab: string
  /** `myStage`. */
  readonly camel: string
  /** `MyStage`. */
  readonly pascal: string
  /** `My stage`. */
  readonly title: string
}

export const namesOf = (kebab: string): Names => {
  if (!/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(kebab)) throw new Error(`'${kebab}': write a name in-kebab-case`)
  if (reserved.has(kebab)) throw new Error(`'${kebab}' is a word of TypeScript: choose another name`)
  const [first, ...rest] = kebab.split("-")
  const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1)
  const camel = [first!, ...rest.map(capital)].join("")
  return { kebab, camel, pascal: capital(camel), title: capital(kebab.replaceAll("-", " ")) }
}
