/** The sweep of a document: its axes, and the points that a step takes part in. */
import type { Point } from "../handle.ts"
import { pointsOf } from "../sweep.ts"

/** One axis: `seed`, or a parameter of a step. */
export interface Axis {
  /** As written: `seed`, `student.with.loss.kd.divergence`. */
  readonly key: string
  /** Its column in collected tables: the last word, or the key where two axes end alike. */
  readonly label: string
  readonly values: ReadonlyArray<unknown>
  /** The parameter it sets; none for the seed. */
  readonly target?: { readonly step: string; readonly path: ReadonlyArray<string> }
}

export const axesOf = (over: { readonly [key: string]: ReadonlyArray<unknown> }): ReadonlyArray<Axis> => {
  const last = (key: string) => key.slice(key.lastIndexOf(".") + 1)
  const keys = Object.keys(over)
  return keys.map((key) => {
    const [step, path] = key.split(".with.")
    const label = keys.filter((other) => last(other) === last(key)).length > 1 ? key : last(key)
    const target = step !== undefined && path !== undefined ? { target: { step, path: path.split(".") } } : {}
    return { key, label, values: over[key]!, ...target }
  })
}

/** All points of these axes, by their labels. */
export const pointsOfAxes = (axes: ReadonlyArray<Axis>): ReadonlyArray<Point> =>
  pointsOf(Object.fromEntries(axes.map(({ label, values }) => [label, values])))

/** Whether two points agree on the axes that both have. */
export const agree = (a: Point, b: Point): boolean =>
  Object.entries(a).every(([axis, value]) => !(axis in b) || JSON.stringify(b[axis]) === JSON.stringify(value))
