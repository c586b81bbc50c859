/** Adam, and AdamW by its decoupled weight decay. */
import { type Tensor, tf } from "@relent/tensor"
import { mapTree, type Tree } from "./tree.ts"

export interface AdamState {
  readonly mean: Tree
  readonly square: Tree
}

export interface AdamOptions {
  readonly beta1: number
  readonly beta2: number
  readonly epsilon: number
  /** Decoupled: parameters shrink by learningRate * weightDecay. */
  readonly weightDecay: number
}
export const adamDefaults: AdamOptions = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 }

const zeros = (tree: Tree) => mapTree(tree, (tensor) => tf.zerosLike(tensor))
export const initAdam = (tree: Tree): AdamState => ({ mean: zeros(tree), square: zeros(tree) })

/**
 * One step, t counted from 1: m = b1 m + (1-b1) g, v = b2 v + (1-b2) g^2,
 * w = w - rate (m / (1-b1^t) / (sqrt(v / (1-b2^t)) + eps) + decay w).
 *
 * @reference kingma2015adam
 */
export const adamStep = (
  tree: Tree,
  gradients: Tree,
  state: AdamState,
  step: number,
  learningRate: number,
  { beta1, beta2, epsilon, weightDecay }: AdamOptions = adamDefaults,
): { readonly tree: Tree; readonly state: AdamState } => {
  const mean = mapTree(state.mean, (m, path) => tf.add(tf.mul(m, beta1), tf.mul(gradients[path]!, 1 - beta1)))
  const square = mapTree(state.square, (v, path) =>
    tf.add(tf.mul(v, beta2), tf.mul(tf.square(gradients[path]!), 1 - beta2)),
  )
  // rate / (1-b1^t) * sqrt(1-b2^t) * m / (sqrt(v) + eps * sqrt(1-b2^t)): the same, with scalars taken out.
  const [first, second] = [1 - beta1 ** step, Math.sqrt(1 - beta2 ** step)]
  const rate = (learningRate * second) / first
  const next = mapTree(tree, (w, path): Tensor => {
    const change = tf.div(mean[path]!, tf.add(tf.sqrt(square[path]!), epsilon * second))
    const kept = weightDecay === 0 ? w : tf.mul(w, 1 - learningRate * weightDecay)
    return tf.sub(kept, tf.mul(change, rate))
  })
  return { tree: next, state: { mean, square } }
}
