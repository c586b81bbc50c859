/** `relent store gc`: removes what no run needs. */
import { collectGarbage, Waiting } from "@relent/runtime"
import { Effect } from "effect"
import { perform, storeFolder } from "../application.ts"
import { Mistake } from "../mistake.ts"
import { type Arguments, exitCode, text } from "../command.ts"

const size = (bytes: number) => (bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`)

export const storeGcCommand = (given: Arguments): Promise<number> =>
  perform(
    Effect.gen(function* () {
      const keep = text(given, "keep")
      if (keep !== undefined && !/^\d+$/.test(keep))
        return yield* new Mistake({ message: `--keep ${keep}: wants a number of runs` })
      const dryRun = given.options["dry-run"] === true
      const { files, bytes, keptRuns } = yield* collectGarbage(storeFolder(given), {
        dryRun,
        ...(keep !== undefined && { keep: Number(keep) }),
      }).pipe(
        Effect.provideService(Waiting, (process) =>
          Effect.sync(() => console.error(`waiting for process ${process}, which collects garbage`)),
        ),
      )
      console.log(`${files} files, ${size(bytes)} ${dryRun ? "would go" : "removed"}; ${keptRuns} runs kept`)
      return exitCode.done
    }),
    given,
  )
