/** What a sum's gradient is, and what a broadcast operand's is. */
import { type Tensor, tf } from "../tf.ts"
import { operation, sumTo } from "./operation.ts"

interface Shaped {
  (inputs: { readonly x: Tensor }, attributes: { readonly shape: Array<number> }): Tensor
}

/** Names of the kernels. */
export const SpreadKernel = "RelentSpread"
export const BiasGradKernel = "RelentBiasGrad"

/** x repeated along its axes of length 1 (and along new ones in front) up to `shape`. */
export const spread: Shaped = operation({
  kernel: SpreadKernel,
  inputs: ["x"],
  compute: ({ x }, { shape }) => tf.mul(x, tf.ones(shape)),
  gradient: (dy, { x }) => ({ x: () => sumTo(dy, x.shape) }),
})

/** x summed over all axes but the last, in a shape of as many elements: a bias's gradient. */
export const biasGrad: Shaped = operation({
  kernel: BiasGradKernel,
  inputs: ["x"],
  compute: ({ x }, { shape }) => tf.reshape(sumTo(x, shape), shape),
  gradient: (dy, { x }) => ({ x: () => spread({ x: tf.reshape(dy, [x.shape.at(-1)!]) }, { shape: x.shape }) }),
})

/** Whether something of this shape is one number for each place of the last axis of `whole`. */
export const isBias = (shape: ReadonlyArray<number>, whole: ReadonlyArray<number>): boolean =>
  shape.length > 0 &&
  shape.length <= whole.length &&
  shape.at(-1) === whole.at(-1) &&
  shape.slice(0, -1).every((n) => n === 1) &&
  whole.slice(0, -1).some((n) => n !== 1)
