/** One number a seed and arm, from the tables of a run. */
import { view } from "@relent/arrow"
import { suggest } from "@relent/named"
import { type Manifest, type ManifestStep, Store } from "@relent/runtime"
import type { CheckedPipeline } from "@relent/stage"
import { Data, Effect } from "effect"
import type { Arm, SuiteDocument } from "./document.ts"
import { meanOf } from "./statistics.ts"

/** A suite whose arms don't say which numbers are meant. */
export class SuiteInvalid extends Data.TaggedError("SuiteInvalid")<{
  readonly suite: string
  readonly message: string
  readonly hint: string
}> {}

type Step = ManifestStep

/** The steps of this name whose seed this is; a step without draws serves every seed. */
const stepsFor = (manifest: Manifest, name: string, seed: number): ReadonlyArray<Step> =>
  manifest.steps.filter((s) => s.id.split("@")[0] === name && (s.at["seed"] ?? seed) === seed)

const matches = (where: NonNullable<Arm["where"]>, step: Step, row: Readonly<Record<string, unknown>>) =>
  Object.entries(where).every(([column, wanted]) => {
    const found = column in row ? row[column] : step.at[column]
    return found === wanted || (typeof wanted === "string" && JSON.stringify(found) === wanted)
  })

const reductions = {
  mean: meanOf,
  max: (values: ReadonlyArray<number>) => Math.max(...values),
  min: (values: ReadonlyArray<number>) => Math.min(...values),
}

/** `step.output`, split. */
const partsOf = (table: string) => {
  const dot = table.lastIndexOf(".")
  return [table.slice(0, dot), table.slice(dot + 1)] as const
}

/** Whether the arms speak of what a run of the pipeline will give: known before it runs. */
export const checkArms = (suite: SuiteDocument, { steps }: CheckedPipeline): Effect.Effect<void, SuiteInvalid> =>
  Effect.forEach(
    Object.entries(suite.arms),
    ([arm, { table }]) => {
      const [name, port] = partsOf(table)
      const outputs = steps.filter(({ step }) => step.name === name).flatMap((step) => Object.keys(step.outputs))
      const names = [...new Set(steps.map(({ step }) => step.name))]
      const hint =
        outputs.length > 0 ? suggest(port, [...new Set(outputs)], "output") : suggest(name, names, "step that runs")
      return outputs.includes(port)
        ? Effect.void
        : new SuiteInvalid({ suite: suite.suite, message: `arm '${arm}': no step gives '${table}'`, hint })
    },
    { discard: true },
  )

/** The numbers of an arm for a seed: the column over the rows that are meant. */
export const rowsOf = (suite: SuiteDocument, manifest: Manifest, armName: string, metric: string, seed: number) =>
  Effect.gen(function* () {
    const wrong = (message: string, hint: string) =>
      new SuiteInvalid({ suite: suite.suite, message: `arm '${armName}': ${message}`, hint })
    const { table, where = {} } = suite.arms[armName]!
    const [name, port] = partsOf(table)
    const steps = stepsFor(manifest, name, seed).filter((s) => port in s.outputs)
    const store = yield* Store
    const found: Array<number> = []
    for (const step of steps) {
      const arrow = yield* store.getTable(step.outputs[port]!.digest)
      for (const row of view(arrow).rows as Iterable<Readonly<Record<string, unknown>>>) {
        if (!matches(where, step, row)) continue
        const value = row[metric]
        if (typeof value !== "number")
          return yield* wrong(
            `'${table}' has no column of numbers '${metric}'`,
            `it has ${Object.keys(row).join(", ")}`,
          )
        found.push(value)
      }
    }
    if (found.length === 0)
      return yield* wrong(`no row of '${table}' is ${JSON.stringify(where)}`, "look at the table with relent table")
    return found
  })

/** The number of an arm for a seed: its rows, reduced to one. */
export const reduced = ({ reduce = "mean" }: Arm, rows: ReadonlyArray<number>): number => reductions[reduce](rows)
