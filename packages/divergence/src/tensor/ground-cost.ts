/** Costs between points, on tensors. */
import { type Tensor, tf } from "@relent/tensor"
import { checkGroundCost, type GroundCost } from "../transport/ground-cost.ts"
import { withGradient } from "./gradient.ts"
import { tensorRows } from "./rows.ts"

const { abs, sign } = tensorRows

export interface GroundCostOptions extends GroundCost {
  /** Whether the gradient flows into both sets (default), or into the first alone. */
  readonly gradient?: "both" | "first"
}

/**
 * `|x_i - y_j|_p^power` between points `[..., n, d]` and `[..., m, d]`: `[..., n, m]`, over an intermediate of `[..., n, m, d]`. At equal
 * points the gradient is 0. Throws `NoTransport`.
 */
export const groundCost = (x: Tensor, y: Tensor, cost: GroundCostOptions = {}): Tensor => {
  checkGroundCost(cost)
  const { norm = 1, power = 1, gradient = "both" } = cost
  const between = (x: Tensor, y: Tensor) => tf.sub(tf.expandDims(x, -2), tf.expandDims(y, -3))
  const raised = (x: Tensor, to: number) => (to === 1 ? x : tf.pow(x, to))
  return withGradient({
    ...(gradient === "both" ? { inputs: [x, y] } : { inputs: [x], constants: [y] }),
    forward: (x, y) => {
      const total = tf.sum(raised(abs(between(x, y)) as Tensor, norm), -1)
      return { value: raised(total, power / norm), saved: [total] }
    },
    // power total^(power / norm - 1) |d|^(norm - 1) sign d
    backward: (dy, x, y, total) => {
      const d = between(x, y)
      const slope = norm === 1 ? (sign(d) as Tensor) : tf.mul(sign(d), tf.pow(abs(d), norm - 1))
      const outer = () => {
        const apart = tf.step(total)
        return tf.mul(apart, tf.pow(tf.add(total, tf.sub(1, apart)), power / norm - 1))
      }
      const along = tf.mul(power === norm ? dy : tf.mul(outer(), dy), power)
      const by = tf.mul(slope, tf.expandDims(along, -1))
      return [tf.sum(by, -2), ...(gradient === "both" ? [tf.neg(tf.sum(by, -3))] : [])]
    },
  })
}
