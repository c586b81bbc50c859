/** The tables of a run that a page shows, read from the store. */
import { type Manifest, type ManifestStep, Store, type StoreError } from "@relent/runtime"
import { Effect } from "effect"
import type { Emitted } from "./curve.ts"
import { isEmitted } from "./curve.ts"
import { groupsOf } from "./steps.ts"
import type { PointTable } from "./table.ts"

/** The tables of one port, one a point of the sweep. */
export interface Held {
  readonly name: string
  readonly stage: string
  /** Under which names the pipeline gives it, if it does. */
  readonly outputs: ReadonlyArray<string>
  readonly steps: ReadonlyArray<ManifestStep>
  readonly points: ReadonlyArray<PointTable>
  /** Rows of all points, also of those that weren't read. */
  readonly rows: number
  /** Points whose table isn't in the store any more. */
  readonly gone: number
}

/** Points of a sweep that are read to be shown; what trainings emitted is read of all, for the curves. */
const mostPoints = 40

const outputNames = ({ outputs }: Manifest, port: string, steps: ReadonlyArray<ManifestStep>): ReadonlyArray<string> =>
  Object.entries(outputs)
    .filter(([, of]) => of.port === port && steps.some(({ id }) => id === of.step))
    .map(([name]) => name)

const heldOf = (manifest: Manifest, port: string, all: ReadonlyArray<ManifestStep>) =>
  Effect.gen(function* () {
    const store = yield* Store
    const steps = port === "metrics" ? all : all.slice(0, mostPoints)
    const tables = yield* Effect.forEach(steps, (step) =>
      store.getTable(step.outputs[port]!.digest).pipe(
        Effect.map((table) => [{ step, table }]),
        // Garbage collection may have taken it; the rest can still be told.
        Effect.catchTag("StoreCorrupt", () => Effect.succeed([])),
      ),
    )
    const found = tables.flat()
    return {
      outputs: outputNames(manifest, port, all),
      steps: found.map(({ step }) => step),
      points: found.map(({ step, table }) => ({ at: step.at, table })),
      rows: all.reduce((sum, { outputs }) => sum + outputs[port]!.rows, 0),
      gone: steps.length - found.length,
    }
  })

/** The tables of a run by step and port, those that the pipeline gives first. */
export const readTables = (manifest: Manifest): Effect.Effect<ReadonlyArray<Held>, StoreError, Store> =>
  Effect.gen(function* () {
    const found: Array<Held> = []
    for (const { name, stage, steps } of groupsOf(manifest))
      for (const port of Object.keys(steps[0]!.outputs)) {
        const some = steps.filter(({ outputs }) => port in outputs)
        found.push({ name: `${name}.${port}`, stage, ...(yield* heldOf(manifest, port, some)) })
      }
    return [
      ...found.filter(({ outputs }) => outputs.length > 0),
      ...found.filter(({ outputs }) => outputs.length === 0),
    ]
  })

/** What trainings emitted, among these. */
export const emittedOf = (held: ReadonlyArray<Held>): ReadonlyArray<Emitted> =>
  held.flatMap(({ steps, points }) =>
    points.flatMap(({ table }, i) => (isEmitted(table) ? [{ step: steps[i]!, table }] : [])),
  )
