/** What source-free adaptation minimises. */
import type { FDivergence } from "@relent/divergence"
import type { Prediction } from "../prediction.ts"
import { maxNormalisedRatio, meanRatio } from "../ratio.ts"
import { classRatioLoss } from "./class-ratio.ts"
import { type LossAndGradient, weightedEntropy } from "./weighted-entropy.ts"

export interface SourceFree {
  readonly lambda: { readonly entropy: number; readonly prior: number }
  /** `[classes]`, for the entropy. */
  readonly classWeights: ReadonlyArray<number>
  readonly divergence: FDivergence
  readonly ratio: "mean" | "max-normalised"
  /** Of `max-normalised`. */
  readonly power: number
  readonly epsilon: number
}

/**
 * L = lambda_ent L_ent + lambda_prior D(tau || q); a term whose lambda is 0 isn't computed. `ratio` is q. Throws as its terms do.
 *
 * @reference bateson2021sourcefree
 */
export const sourceFreeLoss = (
  { lambda, classWeights, divergence, ratio, power, epsilon }: SourceFree,
  prediction: Prediction,
  mass: Float64Array,
  prior: ArrayLike<number>,
): LossAndGradient & { readonly ratio: Float64Array } => {
  const predicted = ratio === "mean" ? meanRatio(prediction, mass) : maxNormalisedRatio(prediction, mass, power)
  const gradient = new Float64Array(prediction.probability.length)
  let value = 0
  const add = (weight: number, term: LossAndGradient) => {
    value += weight * term.value
    for (let i = 0; i < gradient.length; i++) gradient[i]! += weight * term.gradient[i]!
  }
  if (lambda.entropy > 0) add(lambda.entropy, weightedEntropy(prediction, mass, classWeights))
  if (lambda.prior > 0) add(lambda.prior, classRatioLoss(divergence, prior, predicted, epsilon))
  return { value, gradient, ratio: predicted.ratio }
}
