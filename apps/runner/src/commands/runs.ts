/** `relent runs`: all runs, newest first. */
import { Store } from "@relent/runtime"
import { Effect } from "effect"
import { perform } from "../application.ts"
import { type Arguments, exitCode } from "../command.ts"
import { duration, tableText } from "../terminal.ts"

export const runsCommand = (given: Arguments): Promise<number> =>
  perform(
    Effect.gen(function* () {
      const manifests = yield* Store.use((store) => store.manifests)
      if (given.options["json"] === true) console.log(JSON.stringify(manifests))
      else if (manifests.length === 0) console.log("No run yet: relent run PIPELINE makes one.")
      else {
        const rows = manifests.map((m) => {
          const computed = m.steps.filter((s) => s.status === "computed").length
          return [m.run, m.status, m.seed, computed, m.steps.length - computed, duration(m.milliseconds)]
        })
        console.log(tableText(["run", "status", "seed", "computed", "cached", "time"], rows))
      }
      return exitCode.done
    }),
    given,
  )
