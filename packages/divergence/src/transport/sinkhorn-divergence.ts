/** Entropic transport without its blur: a divergence between sets of points. */
import { checkPoints, type Points } from "../kernel.ts"
import type { Laws } from "../law.ts"
import { type GroundCost, groundCost } from "./ground-cost.ts"
import { sinkhorn, type SinkhornOptions } from "./sinkhorn.ts"

export interface SinkhornDivergence {
  readonly value: number
  /** Of the three problems the largest. */
  readonly marginalError: number
  /** Whether all three did. */
  readonly converged: boolean
}

/** Of sets, with the default cost: a mixture is a union of equal sizes, a product all pairs, a channel any map of the points. */
export const sinkhornLaws: Laws = {
  symmetric: true,
  dataProcessing: false,
  jointlyConvex: true,
  bounded: false,
  additive: true,
}

/**
 * `OT(x, y) - (OT(x, x) + OT(y, y)) / 2` of points `[n, d]` and `[m, d]`, where OT is `min <P, C> + epsilon KL(P || a b)`: at least 0
 * and 0 on equal sets for the (squared) Euclidean and the L1 distance, which `OT` alone isn't. Throws `NoPoints`, `NoTransport`.
 *
 * @reference feydy2019
 */
export const sinkhornDivergence = (
  x: Points,
  y: Points,
  { norm, power, ...options }: SinkhornOptions & GroundCost,
): SinkhornDivergence => {
  checkPoints("target", x)
  checkPoints("model", y)
  const between = (from: Points, to: Points) =>
    sinkhorn(
      {
        cost: groundCost(from, to, { ...(norm !== undefined && { norm }), ...(power !== undefined && { power }) }),
        size: [from.values.length / from.dimension, to.values.length / to.dimension],
      },
      options,
    )
  const [xy, xx, yy] = [between(x, y), between(x, x), between(y, y)]
  return {
    value: xy.value - (xx.value + yy.value) / 2,
    marginalError: Math.max(xy.marginalError, xx.marginalError, yy.marginalError),
    converged: xy.converged && xx.converged && yy.converged,
  }
}
