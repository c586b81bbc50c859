/** The Sinkhorn divergence on tensors. */
import { type Tensor, tf } from "@relent/tensor"
import type { GroundCost } from "../transport/ground-cost.ts"
import { groundCost } from "./ground-cost.ts"
import { entropicCost, type SinkhornTensorOptions } from "./sinkhorn.ts"

/**
 * `OT(x, y) - (OT(x, x) + OT(y, y)) / 2` of points `[..., n, d]` and `[..., m, d]`, to `[...]`, with its gradient by both: that of the
 * converged value, by the plans.
 *
 * @reference feydy2019
 */
export const sinkhornDivergence = (
  x: Tensor,
  y: Tensor,
  options: Pick<SinkhornTensorOptions, "epsilon" | "iterations"> & GroundCost,
): Tensor => {
  const between = (from: Tensor, to: Tensor) => entropicCost(groundCost(from, to, options), options)
  return tf.sub(between(x, y), tf.div(tf.add(between(x, x), between(y, y)), 2))
}
