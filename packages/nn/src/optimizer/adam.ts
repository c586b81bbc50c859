/** Adam. */
import { tf } from "@relent/tensor"
import { branch, mapTree, within, zerosLike } from "../tree.ts"
import { decayRate, Optimizer, positive } from "./optimizer.ts"

export interface AdamOptions {
  readonly beta1?: number
  readonly beta2?: number
  readonly epsilon?: number
}

/**
 * m = b1 m + (1-b1) g, v = b2 v + (1-b2) g^2, w = w - rate m^ / (sqrt(v^) + eps), with m^ = m / (1-b1^t), v^ = v / (1-b2^t).
 *
 * @reference kingma2015adam
 */
export const makeAdam = ({ beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: AdamOptions = {}): Optimizer => ({
  init: (parameters) => ({ ...branch("mean", zerosLike(parameters)), ...branch("square", zerosLike(parameters)) }),
  update: (parameters, gradients, state, { step, learningRate }) => {
    const before = { mean: within("mean", state), square: within("square", state) }
    const mean = mapTree(gradients, (g, path) => tf.add(tf.mul(before.mean[path]!, beta1), tf.mul(g, 1 - beta1)))
    const square = mapTree(gradients, (g, path) =>
      tf.add(tf.mul(before.square[path]!, beta2), tf.mul(tf.square(g), 1 - beta2)),
    )
    // m^ / (sqrt(v^) + eps) = m s / (1-b1^t) / (sqrt(v) + eps s) with s = sqrt(1-b2^t): scalars taken out of the tensors.
    const s = Math.sqrt(1 - beta2 ** step)
    const rate = (learningRate * s) / (1 - beta1 ** step)
    return {
      parameters: mapTree(parameters, (w, path) =>
        tf.sub(w, tf.mul(tf.div(mean[path]!, tf.add(tf.sqrt(square[path]!), epsilon * s)), rate)),
      ),
      state: { ...branch("mean", mean), ...branch("square", square) },
    }
  },
})

export const adam = Optimizer.define(
  import.meta.url,
  "nn/adam",
  1,
  { beta1: decayRate(0.9), beta2: decayRate(0.999), epsilon: positive(1e-8) },
  makeAdam,
)
