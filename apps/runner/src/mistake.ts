/** A mistake in what was given on the command line. */
import { readFileSync } from "node:fs"
import { suggest } from "@relent/named"
import { Data, Effect } from "effect"

export class Mistake extends Data.TaggedError("Mistake")<{ readonly message: string; readonly hint?: string }> {}

const reasons: { readonly [code: string]: string } = {
  ENOENT: "there is no such file",
  EISDIR: "is a folder",
  EACCES: "permission denied",
}

/** Why a file can't be read or written, in words. */
export const because = (error: unknown): string => {
  const { code = "", message = String(error) } = error as { code?: string; message?: string }
  return reasons[code] ?? message
}

/** The text of a document that was named on the command line. */
export const textOf = (file: string, hint: string): Effect.Effect<string, Mistake> =>
  Effect.try({
    try: () => readFileSync(file, "utf8"),
    catch: (error) => new Mistake({ message: `${file}: ${because(error)}`, hint }),
  })

/** A whole number of an option, at least `least`. */
export const whole = (name: string, value: string, least: number): Effect.Effect<number, Mistake> =>
  /^-?\d+$/.test(value) && Number.isSafeInteger(Number(value)) && Number(value) >= least
    ? Effect.succeed(Number(value))
    : Effect.fail(new Mistake({ message: `--${name} ${value}: wants a whole number, ${least} or more` }))

/** One of some names, or what was meant. */
export const oneOf = (what: string, name: string, known: ReadonlyArray<string>): Effect.Effect<void, Mistake> =>
  known.includes(name) ? Effect.void : Effect.fail(new Mistake({ message: `'${name}': ${suggest(name, known, what)}` }))
