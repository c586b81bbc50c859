/** `relent plan`: what a run would take from the store, and why it would compute the rest. */
import { forecast } from "@relent/runtime"
import { Effect } from "effect"
import { perform } from "../application.ts"
import { type Arguments, exitCode, texts } from "../command.ts"
import { openPipeline } from "../pipeline.ts"
import { jsonText, paint, tableText } from "../terminal.ts"

export const planCommand = (given: Arguments): Promise<number> =>
  perform(
    Effect.gen(function* () {
      const checked = yield* openPipeline(given.positionals[0]!, given)
      const found = yield* forecast(checked, { allow: texts(given, "allow") })
      if (given.options["json"] === true) {
        console.log(jsonText(found))
        return exitCode.done
      }
      const rows = found.map((f) => [f.step, f.stage, f.hit ? "hit" : "miss", f.because.join("; ")])
      console.log(tableText(["step", "stage", "store", "because"], rows))
      const misses = found.filter((f) => !f.hit).length
      console.log(paint("dim", `${misses} to compute, ${found.length - misses} in the store`))
      return exitCode.done
    }),
    given,
  )
