/** `relent backends`: the tensor backends of this machine, and the numerics class of each. */
import { Effect } from "effect"
import { type Arguments, exitCode } from "../command.ts"
import { tableText } from "../terminal.ts"

export const backendsCommand = async (given: Arguments): Promise<number> => {
  const { Backend, backendNames } = await import("@relent/tensor")
  const rows: Array<ReadonlyArray<string>> = []
  for (const name of backendNames) {
    const opened = await Effect.runPromise(
      Effect.result(
        Effect.provide(
          Backend.use((b) => Effect.succeed(b.numerics)),
          Backend[name],
        ),
      ),
    )
    rows.push(
      opened._tag === "Success" ? [name, "ready", opened.success] : [name, opened.failure.reason, opened.failure.hint],
    )
  }
  console.log(
    given.options["json"] === true
      ? JSON.stringify(rows.map(([backend, state, numerics]) => ({ backend, state, numerics })))
      : tableText(["backend", "state", "numerics class"], rows),
  )
  return exitCode.done
}
