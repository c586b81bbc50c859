/** Programs that installing calls, as effects: interrupted, they are ended. */
import { spawn } from "node:child_process"
import { Effect } from "effect"

export interface Ended {
  /** Null where a signal ended it. */
  readonly code: number | null
  readonly out: string
  readonly error: string
}

export interface Surroundings {
  readonly cwd?: string
  /** Besides the environment of this process. */
  readonly env?: Readonly<Record<string, string>>
}

/** Runs a program to its end; undefined where there is none of this name. */
export const run = (
  program: string,
  words: ReadonlyArray<string>,
  { cwd, env }: Surroundings = {},
): Effect.Effect<Ended | undefined> =>
  Effect.callback((resume) => {
    const child = spawn(program, words, { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] })
    let [out, error] = ["", ""]
    child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text))
    child.stderr.setEncoding("utf8").on("data", (text: string) => (error += text))
    const ended = new Promise<void>((resolve) => {
      child.on("error", () => {
        resolve()
        resume(Effect.succeed(undefined))
      })
      child.on("close", (code) => {
        resolve()
        resume(Effect.succeed({ code, out, error }))
      })
    })
    return Effect.suspend(() => {
      child.kill()
      return Effect.promise(() => ended)
    })
  })

/** The end of what a program said, on one line: what it calls an error if it does, else its last lines. */
export const lastWords = ({ out, error, code }: Ended): string => {
  const lines = (error.trim() === "" ? out : error)
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
  const errors = lines.filter((line) => /\berror\b/i.test(line))
  const said = (errors.length > 0 ? errors.slice(0, 3) : lines.slice(-3)).join("; ")
  return said === "" ? `it ended with ${code === null ? "a signal" : `code ${code}`} and said nothing` : said
}
