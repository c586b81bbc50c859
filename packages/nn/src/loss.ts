/** Cross-entropies on logits, in log space. One number a row: `[members, batch]`. */
import { type Tensor, tf } from "@relent/tensor"

/** log softmax(logits / temperature) over the last axis. */
export const logSoftmax = (logits: Tensor, temperature = 1): Tensor =>
  tf.logSoftmax(temperature === 1 ? logits : tf.div(logits, temperature))

/** Labels `[..., batch]` as one-hot rows `[..., batch, classes]`. Cast afterwards: asked for floats, wasm gives the bits of integers. */
export const oneHot = (labels: Tensor, classes: number): Tensor =>
  tf.cast(tf.oneHot(tf.cast(labels, "int32") as never, classes), "float32")

/** - sum_c p_c log q_c, with q in logs. Zero probabilities contribute nothing, as long as log q is finite. */
export const crossEntropy = (target: Tensor, logModel: Tensor): Tensor => tf.neg(tf.sum(tf.mul(target, logModel), -1))

/** - sum_c p_c log p_c of softmax(logits / temperature). */
export const entropy = (logits: Tensor, temperature = 1): Tensor => {
  const logP = logSoftmax(logits, temperature)
  return crossEntropy(tf.exp(logP), logP)
}

const crossEntropyOp = tf.customGrad((logits, target, save) => {
  const logModel = tf.logSoftmax(logits as Tensor)
  ;(save as (tensors: Array<Tensor>) => void)([logModel, target as Tensor])
  return {
    value: crossEntropy(target as Tensor, logModel),
    gradFunc: (dy, saved) => {
      const [logQ, p] = saved as [Tensor, Tensor]
      const byLogits = tf.sub(tf.mul(tf.exp(logQ), tf.sum(p, -1, true)), p)
      return [tf.mul(byLogits, tf.expandDims(dy, -1)), tf.zerosLike(p)]
    },
  }
})

/**
 * - sum_c p_c log softmax(logits)_c for targets `[..., classes]`, one-hot rows or soft ones. Its gradient q sum(p) - p is taken
 * directly, in a third of the operations; no gradient flows into the target.
 */
export const softmaxCrossEntropy = (target: Tensor, logits: Tensor): Tensor => crossEntropyOp(logits, target)
