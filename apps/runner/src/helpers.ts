/** Processes that compute in this one's store: what they have finished is found there. */
import { type ChildProcess, spawn } from "node:child_process"
import { fileURLToPath } from "node:url"
import { Effect, type Scope } from "effect"
import { type Arguments, givenOptions } from "./command.ts"

const bin = fileURLToPath(new URL("../bin/relent.js", import.meta.url))

/** The order of helper `i` of `jobs` processes: it begins where the others aren't. */
const turned = <A>(all: ReadonlyArray<A>, i: number, jobs: number): ReadonlyArray<A> => {
  const from = Math.floor((i * all.length) / jobs)
  return [...all.slice(from), ...all.slice(0, from)]
}

/** The options that say what is computed, and where. */
const shared = ["quick", "eager", "backend", "store"]

/** The words of the helpers of `suite run` with these files, in `jobs` processes together. */
export const helpersOf = (
  files: ReadonlyArray<string>,
  given: Arguments,
  jobs: number,
): ReadonlyArray<ReadonlyArray<string>> => {
  const same = givenOptions(given)
    .filter(([name]) => shared.includes(name))
    .map(([name, value]) => (value === undefined ? `--${name}` : `--${name}=${value}`))
  return Array.from({ length: jobs - 1 }, (_, i) => ["suite", "run", ...turned(files, i + 1, jobs), ...same])
}

/** Runs `relent` with each of these words until the scope ends. Helpers say nothing: what fails in them fails here too. */
export const helpers = (
  words: ReadonlyArray<ReadonlyArray<string>>,
): Effect.Effect<ReadonlyArray<ChildProcess>, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() =>
      words.map((one) => {
        // The channel closes when this process ends, however it ends, and then they do.
        const child = spawn(process.execPath, [bin, ...one], { stdio: ["ignore", "ignore", "ignore", "ipc"] })
        return child.on("error", () => {}) // without it the work is still done here
      }),
    ),
    (children) => Effect.sync(() => children.forEach((child) => void child.kill())),
  )
