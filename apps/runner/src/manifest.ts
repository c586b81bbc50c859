/** The manifest a command speaks of: of the run it names, or of the newest. */
import { view } from "@relent/arrow"
import { suggest } from "@relent/named"
import { type Manifest, Store } from "@relent/runtime"
import { Effect } from "effect"
import { Mistake } from "./mistake.ts"

export const manifestOf = (name: string | undefined) =>
  Effect.gen(function* () {
    const manifests = yield* Store.use((store) => store.manifests)
    if (manifests.length === 0)
      return yield* new Mistake({ message: "there is no run yet", hint: "relent run PIPELINE makes one" })
    const found =
      name === undefined
        ? manifests[0]
        : (manifests.find((m) => m.run === name) ?? manifests.find((m) => m.run.startsWith(name)))
    if (found !== undefined) return found
    return yield* new Mistake({
      message: `there is no run '${name}': ${suggest(name!, manifests.map((m) => m.run).slice(0, 10), "run")}`,
    })
  })

/** The numbers of a run that fit a line: of its outputs of one row, and the last row of what a training emitted. */
export const metricsOf = (manifest: Manifest) =>
  Effect.gen(function* () {
    const store = yield* Store
    const found: Record<string, number> = {}
    for (const [output, { step, port }] of Object.entries(manifest.outputs)) {
      const stored = manifest.steps.find((s) => s.id === step)?.outputs[port]
      if (stored === undefined || (stored.rows !== 1 && port !== "metrics")) continue
      const table = yield* Effect.result(store.getTable(stored.digest))
      if (table._tag === "Failure" || table.success.schema.fields.length > 12) continue
      const last = [...view(table.success).rows].at(-1) ?? {}
      for (const [column, value] of Object.entries(last))
        if (typeof value === "number" && column !== "step" && column !== "member") found[`${output}.${column}`] = value
    }
    return found
  })
