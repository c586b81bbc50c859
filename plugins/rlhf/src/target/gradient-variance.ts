/** How noisy the gradient of one sample is, exactly. */
import type { FDivergence } from "@relent/divergence"
import { pseudoRewards } from "./pseudo-reward.ts"

/**
 * The trace of the covariance of `f'(t(x)) grad log pi(x)` by the logits, `x ~ pi`, without a baseline: `E f'^2 |e_x - pi|^2 - |E f' (e_x - pi)|^2`,
 * and the squared norm of its mean.
 *
 * @reference go2023fdpg
 */
export const gradientVariance = (
  divergence: FDivergence,
  constant: number,
  pi: Float64Array,
  logT: Float64Array,
): { readonly trace: number; readonly squaredNorm: number } => {
  const slopes = pseudoRewards(divergence, logT, constant).map((r) => -r)
  const spread = pi.reduce((sum, p) => sum + p * p, 0)
  const expected = pi.reduce((sum, p, i) => sum + p * slopes[i]!, 0)
  // E f' (e_x - pi) has the entries pi_i (f'_i - E f')
  const squaredNorm = pi.reduce((sum, p, i) => sum + (p * (slopes[i]! - expected)) ** 2, 0)
  const second = pi.reduce((sum, p, i) => sum + p * slopes[i]! ** 2 * (1 - 2 * p + spread), 0)
  return { trace: second - squaredNorm, squaredNorm }
}
