/** How far a predicted class ratio is from what is expected. */
import { type FDivergence, float64 } from "@relent/divergence"
import { checkClasses } from "../prediction.ts"
import type { Ratio } from "../ratio.ts"
import type { LossAndGradient } from "./weighted-entropy.ts"

/** What keeps the price of a class that can't be there finite: strong, and meant to be. */
export const defaultEpsilon = 1e-10

/**
 * D(tau || q), the prior as target, the predicted ratio as model. The paper's KL(q || tau), prediction first, is `reverse-kl`; `kl` is
 * KL(tau || q). tau is (prior + eps) / (1 + K eps), `[classes]`. By the ratio: f*'(q / tau). Throws `PredictionInvalid`, and
 * `NotADistribution` for a prior that doesn't sum to 1.
 *
 * @reference bateson2021sourcefree
 */
export const classRatioLoss = (
  divergence: FDivergence,
  prior: ArrayLike<number>,
  { ratio, pullBack }: Ratio,
  epsilon = defaultEpsilon,
): LossAndGradient => {
  checkClasses("prior ratios", prior, ratio.length)
  const tau = Float64Array.from(prior, (p) => (p + epsilon) / (1 + ratio.length * epsilon))
  const byLogRatio = divergence.logForm(tau.map(Math.log), ratio.map(Math.log), float64).byModel() as Float64Array
  // A class that no pixel shows at all can't be moved: its slope, infinite at most, meets probabilities of 0.
  const byRatio = byLogRatio.map((g, k) => (ratio[k] === 0 ? 0 : g / ratio[k]!))
  return { value: divergence.between(tau, ratio), gradient: pullBack(byRatio) }
}
