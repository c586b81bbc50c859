/** Gradients of activations from what the activation gave, as one operation each. */
import { type Tensor, tf } from "../tf.ts"
import { operation } from "./operation.ts"

interface Slope {
  (inputs: { readonly dy: Tensor; readonly y: Tensor }, attributes: {}): Tensor
}

/** dy where y = relu(x) is above 0, else 0. */
export const reluGrad: Slope = operation({
  kernel: "RelentReluGrad",
  inputs: ["dy", "y"],
  compute: ({ dy, y }) => tf.mul(dy, tf.cast(tf.step(y), "float32")),
  gradient: (d, { y }) => ({ dy: () => reluGrad({ dy: d, y }, {}), y: () => tf.zerosLike(y) }),
})

/** (1 - y^2) dy, y = tanh(x). */
export const tanhGrad: Slope = operation({
  kernel: "RelentTanhGrad",
  inputs: ["dy", "y"],
  compute: ({ dy, y }) => tf.mul(tf.sub(tf.scalar(1), tf.square(y)), dy),
  gradient: (d, { dy, y }) => ({
    dy: () => tanhGrad({ dy: d, y }, {}),
    y: () => tf.mul(tf.mul(tf.mul(d, dy), y), -2),
  }),
})

/** y (1 - y) dy, y = 1 / (1 + e^-x). */
export const sigmoidGrad: Slope = operation({
  kernel: "RelentSigmoidGrad",
  inputs: ["dy", "y"],
  compute: ({ dy, y }) => tf.mul(dy, tf.mul(y, tf.sub(tf.scalar(1), y))),
  gradient: (d, { dy, y }) => ({
    dy: () => sigmoidGrad({ dy: d, y }, {}),
    y: () => tf.mul(tf.mul(d, dy), tf.sub(1, tf.mul(y, 2))),
  }),
})
