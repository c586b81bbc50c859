/** Every training with every loss of the plugins gives the same numbers recorded and not: on wasm the same bits, on TensorFlow nearly. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Resources, run, type RunEvent, Store } from "@relent/runtime"
import { read, registry } from "@relent/stage"
import { testBackendName } from "@relent/tensor/testing"
import { Effect, Layer } from "effect"
import { expect, it } from "vitest"
import { backendResource } from "../src/backend-resource.ts"
import { builtIn } from "../src/plugins.ts"
import { allTrainings } from "./trainings.ts"

type Row = Readonly<Record<string, unknown>>

/** The metrics of all steps, those of each in a list; and the numerics classes. */
const trained = async (eager: boolean) => {
  const store = mkdtempSync(join(tmpdir(), "relent recorded "))
  const stages = await allTrainings()
  const layer = Layer.mergeAll(
    Store.layer(store),
    Layer.succeed(Resources, { backend: backendResource(testBackendName, eager) }),
    registry([...builtIn.values()]),
  )
  const metrics: Record<string, Array<Row>> = {}
  const report = (event: RunEvent) =>
    Effect.sync(() => {
      if (event._tag === "StepMetric") (metrics[event.step] ??= []).push(event.row)
    })
  const manifest = read("{name: trainings, seed: 1, stages: {}}", {
    edit: (document) => ({ ...document, stages }),
  }).pipe(Effect.flatMap((checked) => run(checked, { report })))
  try {
    const { steps } = await Effect.runPromise(Effect.provide(manifest, layer))
    return { metrics, numerics: steps.map(({ parts }) => parts.numerics).join() }
  } finally {
    rmSync(store, { recursive: true })
  }
}

/** TensorFlow joins operations of a recorded step: last digits may differ, also those of numbers that are differences of others near 1. */
const near = (found: unknown, wanted: unknown) =>
  testBackendName === "tensorflow" && typeof found === "number" && typeof wanted === "number"
    ? Math.abs(found - wanted) <= 1e-5 * Math.abs(wanted) + 3e-7
    : Object.is(found, wanted)

it.runIf(testBackendName === "tensorflow" || testBackendName === "wasm")(
  "every training and every loss gives the same numbers recorded and not",
  { timeout: 300_000 },
  async () => {
    const recorded = await trained(false)
    const eager = await trained(true)
    expect(recorded.numerics.includes(" recorded")).toBe(testBackendName === "tensorflow")
    expect(eager.numerics).not.toContain(" recorded")
    const steps = Object.entries(recorded.metrics)
    expect(steps.length).toBeGreaterThan(100)
    const differ = steps.flatMap(([step, rows]) =>
      rows.flatMap((row, i) =>
        Object.entries(row)
          .filter(([name, value]) => !near(value, eager.metrics[step]?.[i]?.[name]))
          .map(([name, value]) => [step, i, name, value, eager.metrics[step]?.[i]?.[name]]),
      ),
    )
    expect(differ).toEqual([])
  },
)
