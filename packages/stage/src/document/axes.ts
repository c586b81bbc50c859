/** The sweep of a document: its axes, and the points that a step takes part in. */
import type { Point } from "../handle.ts"
import { pointsOf } from "../sweep.ts"

interface Target {
  readonly step: string
  readonly path: ReadonlyArray<string>
}

const targetsOf = (key: string): ReadonlyArray<Target> => {
  const parts = key.split(/, */).map((part) => part.split(".with."))
  return parts.every((part) => part.length === 2)
    ? parts.map(([step, path]) => ({ step: step!, path: path!.split(".") }))
    : []
}

/** One axis: `seed`, a parameter of a step, or parameters of several steps that take its value together. */
export interface Axis {
  /** As written: `seed`, `student.with.loss.kd.divergence`, `student.with.divergence, report.with.divergence`. */
  readonly key: string
  /** Its column in collected tables: the last word, or the key where two axes end alike. */
  readonly label: string
  readonly values: ReadonlyArray<unknown>
  /** The parameters it sets; none for the seed, and none where one of them is no `step.with.parameter`. */
  readonly targets: ReadonlyArray<Target>
}

export const axesOf = (over: { readonly [key: string]: ReadonlyArray<unknown> }): ReadonlyArray<Axis> => {
  const last = (key: string) => key.slice(key.lastIndexOf(".") + 1)
  const keys = Object.keys(over)
  return keys.map((key) => {
    const label = keys.filter((other) => last(other) === last(key)).length > 1 ? key : last(key)
    return { key, label, values: over[key]!, targets: targetsOf(key) }
  })
}

/** All points of these axes, by their labels. */
export const pointsOfAxes = (axes: ReadonlyArray<Axis>): ReadonlyArray<Point> =>
  pointsOf(Object.fromEntries(axes.map(({ label, values }) => [label, values])))

/** Whether two points agree on the axes that both have. */
export const agree = (a: Point, b: Point): boolean =>
  Object.entries(a).every(([axis, value]) => !(axis in b) || JSON.stringify(b[axis]) === JSON.stringify(value))
