/** Commands as plain data: help, completions and parsing need nothing else, so they start at once. */

export interface Option {
  /** What stands after it in the help; a flag has none. */
  readonly value?: string
  readonly multiple?: boolean
  readonly about: string
}

export interface Arguments {
  readonly positionals: ReadonlyArray<string>
  readonly options: { readonly [name: string]: string | boolean | ReadonlyArray<string> | undefined }
}

export interface Command {
  /** `run`, `store verify`. */
  readonly name: string
  /** What stands after the name: `PIPELINE`, `[NAME]`. */
  readonly usage: string
  readonly about: string
  /** Fewest and most positional arguments. */
  readonly takes: readonly [number, number]
  readonly options: { readonly [name: string]: Option }
  readonly example?: string
  /** Imports what it needs, runs, and gives the exit code. */
  readonly run: (given: Arguments) => Promise<number>
}

/** Exit codes, as documented. */
export const exitCode = { done: 0, user: 1, stage: 2, verdict: 3, differs: 4, defect: 70, interrupted: 130 } as const

/** The options that were given: a name, and a value where it isn't a flag; one that was given several times, several times. */
export const givenOptions = ({ options }: Arguments): ReadonlyArray<readonly [name: string, value?: string]> =>
  Object.entries(options).flatMap(([name, value]): ReadonlyArray<readonly [string, string?]> => {
    if (value === undefined || value === false) return []
    return value === true ? [[name]] : [value].flat().map((one) => [name, one])
  })

/** `$RELENT_BACKEND`, where it says something. */
export const environmentBackend = (): string | undefined => process.env["RELENT_BACKEND"] || undefined

/** A value of an option, once. */
export const text = (given: Arguments, name: string): string | undefined => {
  const value = given.options[name]
  return typeof value === "string" ? value : undefined
}
/** All values of an option. */
export const texts = (given: Arguments, name: string): ReadonlyArray<string> => {
  const value = given.options[name]
  return Array.isArray(value) ? value : []
}
