/** The registry of prediction terms: how far predictions are from the targets. */
import {
  bandwidth,
  type Bandwidth,
  bandwidthRules,
  denominators,
  type Denominator,
  kernelDivergences,
  type Points,
} from "@relent/divergence"
import { betweenConditionals } from "@relent/divergence/tensor"
import { Family, orElse, Positive } from "@relent/named"
import { type Tensor, tf } from "@relent/tensor"
import { Schema } from "effect"

/** All that is trained on: rules for the width of a kernel read it. */
export interface Data {
  readonly x: Points
  readonly y: Points
}

/** A batch `[members, rows, ...]`: standardised inputs and targets, and what is predicted. */
export interface Predicted {
  readonly x: Tensor
  readonly y: Tensor
  readonly predicted: Tensor
}

/** A loss `[members]`. */
export type Prediction = (data: Data) => (batch: Predicted) => Tensor

export const Prediction = Family.make<Prediction>("prediction")

/** A parameter that is a width, or a rule for one. */
export const Width = Schema.Union([Positive, Schema.Literals(bandwidthRules)])

const perMember = (x: Tensor): Tensor => tf.mean(x, [-2, -1])

/** mean (y' - y)^2 */
const meanSquare =
  (): Prediction =>
  () =>
  ({ y, predicted }) =>
    perMember(tf.squaredDifference(predicted, y))

/** @reference none: least squares */
export const mse = Prediction.define(import.meta.url, "koopman-ib/mse", 1, {}, meanSquare)

/** mean of e^2 / 2 where |e| is at most delta, else delta (|e| - delta / 2): with c = min(|e|, delta), c (|e| - c / 2). @reference huber1964 */
export const huberLoss =
  ({ delta }: { readonly delta: number }): Prediction =>
  () =>
  ({ y, predicted }) => {
    const e = tf.abs(tf.sub(predicted, y))
    const c = tf.minimum(e, delta)
    return perMember(tf.mul(c, tf.sub(e, tf.div(c, 2))))
  }

export const huber = Prediction.define(
  import.meta.url,
  "koopman-ib/huber",
  1,
  { delta: orElse(Positive, 1) },
  huberLoss,
)

/** sigma^2 mean (1 - exp(-e^2 / (2 sigma^2))): the correntropy loss. @reference principe2010 */
export const welschLoss =
  ({ sigma }: { readonly sigma: number }): Prediction =>
  () =>
  ({ y, predicted }) => {
    const square = tf.squaredDifference(predicted, y)
    return tf.mul(perMember(tf.sub(1, tf.exp(tf.div(square, -2 * sigma * sigma)))), sigma * sigma)
  }

export const welsch = Prediction.define(
  import.meta.url,
  "koopman-ib/welsch",
  1,
  { sigma: orElse(Positive, 1) },
  welschLoss,
)

export interface ConditionalOptions {
  readonly sigmaX: Bandwidth
  /** 1 for one target; of several it has to be said. */
  readonly sigmaY?: Bandwidth
  readonly denominator: Denominator
}

/** Thrown for several targets whose kernel has no width. */
export const noWidth = "several targets need a width of their kernel: set 'sigmaY'"

/** The Cauchy–Schwarz divergence between p(y | x) and the model's, over the rows of a batch. @reference yu2024csib */
export const conditionalLoss =
  ({ sigmaX, sigmaY, denominator }: ConditionalOptions): Prediction =>
  ({ x, y }) => {
    const widths = { x: bandwidth(sigmaX, x), y: bandwidth(sigmaY ?? 1, y) }
    return (batch) =>
      betweenConditionals(
        kernelDivergences["cauchy-schwarz"],
        { points: batch.x, sigma: widths.x, denominator },
        { points: batch.y, sigma: widths.y },
        batch.predicted,
      )
  }

export const conditional = Prediction.define(
  import.meta.url,
  "koopman-ib/conditional-cs-divergence",
  1,
  {
    sigmaX: orElse(Width.annotate({ description: "width of the inputs' kernel, in deviations; wide ones fail" }), 1),
    sigmaY: Schema.optionalKey(Width.annotate({ description: "of the targets' kernel; 1 for one target" })),
    denominator: orElse(
      Schema.Literals(denominators).annotate({ description: "as the definition has it, or as the authors' code" }),
      "sum-squared",
    ),
  },
  conditionalLoss,
)
