/** How a part tells what it sees: lines of JSON on standard output, each as soon as it is known. */
import { Backend, type BackendName, backendNames } from "@relent/tensor/backend"
import { Effect } from "effect"
import type { Row } from "../report.ts"

export type Line =
  | { readonly row: Row }
  | { readonly opened: { readonly device: string; readonly numerics: string } }
  | { readonly skipped: string }

const say = (line: Line): void => void process.stdout.write(`${JSON.stringify(line)}\n`)
export const row = (seen: Row): void => say({ row: seen })
export const skip = (why: string): void => say({ skipped: why })

export const isBackend = (name: string | undefined): name is BackendName => backendNames.some((known) => known === name)

/** Opens the backend that the process was started for and runs the part on it; where it doesn't open, the part is skipped. */
export const part = async (
  run: (backend: Backend["Service"]) => Effect.Effect<void, { readonly message: string }, Backend>,
): Promise<void> => {
  const name = process.argv[2]
  if (!isBackend(name)) return skip(`there is no backend '${name}'`)
  const program = Effect.gen(function* () {
    const backend = yield* Backend
    say({ opened: { device: backend.device, numerics: backend.numerics } })
    yield* run(backend)
  }).pipe(
    Effect.provide(Backend[name]),
    Effect.catchTag("BackendUnavailable", ({ message, hint }) => Effect.sync(() => skip(`${message}; ${hint}`))),
  )
  await Effect.runPromise(program as Effect.Effect<void>)
}
