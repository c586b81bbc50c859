/** `relent show`: the steps of a run and their tables. */
import { Effect } from "effect"
import { perform } from "../application.ts"
import { type Arguments, exitCode } from "../command.ts"
import { manifestOf } from "../manifest.ts"
import { clean, duration, jsonText, paint, tableText } from "../terminal.ts"

export const showCommand = (given: Arguments): Promise<number> =>
  perform(
    Effect.gen(function* () {
      const manifest = yield* manifestOf(given.positionals[0])
      if (given.options["json"] === true) {
        console.log(jsonText(manifest))
        return exitCode.done
      }
      const { run, pipeline, seed, status, started, milliseconds, steps } = manifest
      console.log(
        `${paint("bold", run)}  ${clean(pipeline)}, seed ${seed}, ${status}, ${clean(started)}, ${duration(milliseconds)}`,
      )
      const rows = steps.flatMap((s) =>
        Object.entries(s.outputs).map(([port, { digest, rows: count }]) => [
          `${s.id}.${port}`,
          s.stage,
          s.status,
          duration(s.milliseconds),
          count,
          digest.slice(0, 12),
        ]),
      )
      console.log(tableText(["table", "stage", "status", "time", "rows", "digest"], rows))
      return exitCode.done
    }),
    given,
  )
