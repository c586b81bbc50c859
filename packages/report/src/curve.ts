/** Metrics over the steps of a training: a line an arm, with a band over its seeds and members. */
import { view } from "@relent/arrow"
import type { ManifestStep } from "@relent/runtime"
import type { Table } from "apache-arrow"
import { armLabels } from "./steps.ts"

/** What a training emitted. */
export interface Emitted {
  readonly step: ManifestStep
  readonly table: Table
}

/** A point of a line: the mean over seeds and members, and the least and the largest of them. */
export interface CurvePoint {
  readonly step: number
  readonly arm: string
  readonly mean: number
  readonly low: number
  readonly high: number
  readonly count: number
}

export interface Curve {
  readonly stage: string
  readonly metric: string
  /** All arms of the stage, also those without this metric. */
  readonly arms: ReadonlyArray<string>
  readonly points: ReadonlyArray<CurvePoint>
}

/** Whether a table is what a training emitted: a whole number `step` that grows, and numbers. */
export const isEmitted = ({ schema, numRows }: Table): boolean =>
  numRows > 1 && schema.fields.some(({ name, type }) => name === "step" && String(type) === "Int32")

/** More points than a screen has pixels tell nothing. */
const most = 400

const thinned = <A>(points: ReadonlyArray<A>): ReadonlyArray<A> => {
  const every = Math.ceil(points.length / most)
  return points.filter((_, i) => i % every === 0 || i === points.length - 1)
}

const besides: ReadonlySet<string> = new Set(["step", "member", "seed"])

/** The values of one arm of one metric by step. */
const gathered = (emitted: ReadonlyArray<Emitted>): ReadonlyMap<string, ReadonlyMap<number, ReadonlyArray<number>>> => {
  const metrics = new Map<string, Map<number, Array<number>>>()
  for (const { table } of emitted)
    for (const row of view(table).rows as Iterable<Readonly<Record<string, unknown>>>) {
      const step = row["step"] as number
      for (const [name, value] of Object.entries(row)) {
        if (besides.has(name) || typeof value !== "number" || !Number.isFinite(value)) continue
        const steps = metrics.get(name) ?? new Map<number, Array<number>>()
        metrics.set(name, steps.set(step, [...(steps.get(step) ?? []), value]))
      }
    }
  return metrics
}

/** The curves of the steps of one stage: one a metric. */
const curvesOfStage = (stage: string, emitted: ReadonlyArray<Emitted>): ReadonlyArray<Curve> => {
  const labels = armLabels(emitted.map(({ step }) => step))
  const arms = Map.groupBy(emitted, (_, i) => labels[i]!)
  const found = new Map<string, Array<CurvePoint>>()
  for (const [arm, some] of arms)
    for (const [metric, steps] of gathered(some)) {
      const points = [...steps]
        .toSorted(([a], [b]) => a - b)
        .map(([step, values]) => ({
          step,
          arm,
          mean: values.reduce((a, b) => a + b, 0) / values.length,
          low: Math.min(...values),
          high: Math.max(...values),
          count: values.length,
        }))
      found.set(metric, [...(found.get(metric) ?? []), ...thinned(points)])
    }
  return [...found].map(([metric, points]) => ({ stage, metric, arms: [...arms.keys()], points }))
}

/** The curves of a run, by stage: steps of one stage are arms of one chart, whatever their names. */
export const curvesOf = (emitted: ReadonlyArray<Emitted>): ReadonlyArray<Curve> =>
  [...Map.groupBy(emitted, ({ step }) => step.stage)].flatMap(([stage, some]) => curvesOfStage(stage, some))
