/** States of trajectories, standardised. */
import { columnsOf, type Table } from "@relent/arrow"
import { StageError } from "@relent/stage"
import { Effect } from "effect"
import type { trajectories } from "../tables.ts"

/** Trajectories `[trajectories, length, features]`, row-major. */
export interface States {
  readonly values: Float32Array
  readonly trajectories: number
  /** States of a trajectory. */
  readonly length: number
  readonly features: number
}

/** The states of a table of trajectories, all finite, of trajectories with at least so many states. */
export const statesOf = (
  { columns: { x }, length: count, arrow }: Table<typeof trajectories>,
  least: number,
): Effect.Effect<States, StageError> => {
  const wrong = (message: string, hint: string) => Effect.fail(new StageError({ message, hint }))
  if (count === 0) return wrong("there are no trajectories", "give rows")
  const [length, features] = columnsOf(arrow)["x"]!.shape as [number, number]
  if (length < least)
    return wrong(
      `a trajectory has ${length} states, ${least} are needed`,
      "simulate longer ones, or make 'window' smaller",
    )
  const lost = x.findIndex((v) => !Number.isFinite(v))
  if (lost >= 0) {
    const state = Math.floor(lost / features)
    return wrong(
      `state ${state % length} of trajectory ${Math.floor(state / length)} holds ${x[lost]}`,
      "leave such trajectories out",
    )
  }
  return Effect.succeed({ values: x, trajectories: count, length, features })
}

/** Mean and deviation of each feature, over all states. */
export interface Scale {
  readonly mean: Float64Array
  readonly deviation: Float64Array
}

/** The scale of states; a feature that doesn't vary is an error. */
export const scaleOf = ({ values, features }: States): Effect.Effect<Scale, StageError> => {
  const n = values.length / features
  const over = (f: (v: number, k: number) => number) => {
    const sums = new Float64Array(features)
    values.forEach((v, i) => (sums[i % features]! += f(v, i % features) / n))
    return sums
  }
  const mean = over((v) => v)
  const deviation = over((v, k) => (v - mean[k]!) ** 2).map(Math.sqrt)
  const still = deviation.findIndex((d, k) => !(d > 1e-6 * Math.abs(mean[k]!)))
  return still < 0
    ? Effect.succeed({ mean, deviation })
    : Effect.fail(
        new StageError({
          message: `feature ${still} of the states doesn't vary`,
          hint: "leave it out: it can't be standardised",
        }),
      )
}

/** `(x - mean) / deviation`. */
export const standardise = ({ mean, deviation }: Scale, values: Float32Array): Float32Array =>
  values.map((v, i) => (v - mean[i % mean.length]!) / deviation[i % mean.length]!)
