/** `relent diff`: what differs between two runs, step by step. */
import { changes } from "@relent/runtime"
import { Effect } from "effect"
import { perform } from "../application.ts"
import { type Arguments, exitCode } from "../command.ts"
import { manifestOf } from "../manifest.ts"
import { paint } from "../terminal.ts"

interface Difference {
  readonly step: string
  readonly causes: ReadonlyArray<string>
  readonly results: ReadonlyArray<string>
}

export const diffCommand = (given: Arguments): Promise<number> =>
  perform(
    Effect.gen(function* () {
      const [before, after] = [yield* manifestOf(given.positionals[0]), yield* manifestOf(given.positionals[1])]
      const ids = [...new Set([...before.steps, ...after.steps].map((s) => s.id))]
      const all = ids.map((step): Difference => {
        const [a, b] = [before.steps.find((s) => s.id === step), after.steps.find((s) => s.id === step)]
        if (a === undefined || b === undefined)
          return { step, causes: [`only in ${a ? before.run : after.run}`], results: [] }
        const ports = Object.keys(b.outputs).filter((port) => a.outputs[port]?.digest !== b.outputs[port]!.digest)
        return { step, causes: changes(a.parts, b.parts), results: ports }
      })
      const found = all.filter((d) => d.causes.length + d.results.length > 0)
      if (given.options["json"] === true) console.log(JSON.stringify(found))
      else if (found.length === 0) console.log("The runs are the same: keys and results.")
      for (const { step, causes, results } of given.options["json"] === true ? [] : found) {
        console.log(paint("bold", step))
        for (const cause of causes) console.log(`  ${cause}`)
        console.log(results.length > 0 ? `  results differ: ${results.join(", ")}` : "  results are the same")
      }
      return exitCode.done
    }),
    given,
  )
