/** `relent runs`: the runs of a store with their metrics, newest first. */
import { Store } from "@relent/runtime"
import { Effect } from "effect"
import { perform } from "../application.ts"
import { type Arguments, exitCode, text } from "../command.ts"
import { metricsOf } from "../manifest.ts"
import { whole } from "../mistake.ts"
import { cell, duration, jsonText, paint, tableText } from "../terminal.ts"

const metricsText = (metrics: Readonly<Record<string, number>>): string => {
  const shown = Object.entries(metrics).map(([name, value]) => `${name} ${cell(value)}`)
  return `${shown.slice(0, 3).join("  ")}${shown.length > 3 ? "  ..." : ""}`
}

export const runsCommand = (given: Arguments): Promise<number> =>
  perform(
    Effect.gen(function* () {
      const head = yield* whole("head", text(given, "head") ?? "20", 1)
      const manifests = yield* Store.use((store) => store.manifests)
      const shown = yield* Effect.forEach(manifests.slice(0, head), (manifest) =>
        Effect.map(metricsOf(manifest), (metrics) => ({ ...manifest, metrics })),
      )
      if (given.options["json"] === true) console.log(jsonText(shown))
      else if (shown.length === 0) console.log("No run yet: relent run PIPELINE makes one.")
      else {
        const rows = shown.map((m) => {
          const computed = m.steps.filter((s) => s.status === "computed").length
          const cached = m.steps.length - computed
          return [m.run, m.status, m.seed, computed, cached, duration(m.milliseconds), metricsText(m.metrics)]
        })
        console.log(tableText(["run", "status", "seed", "computed", "cached", "time", "metrics"], rows))
        const more = manifests.length - shown.length
        if (more > 0) console.log(paint("dim", `${more} more; --head N shows them`))
      }
      return exitCode.done
    }),
    given,
  )
