/** Cross-entropies on logits, in log space. A loss gives one number a row: `[members, batch]`. */
import { type Tensor, tf } from "@relent/tensor"

/** log softmax(logits / temperature) over the last axis. */
export const logSoftmax = (logits: Tensor, temperature = 1): Tensor =>
  tf.logSoftmax(temperature === 1 ? logits : tf.div(logits, temperature))

/** Labels `[..., batch]` as one-hot rows `[..., batch, classes]`. Cast afterwards: asked for floats, wasm gives the bits of integers. */
export const oneHot = (labels: Tensor, classes: number): Tensor =>
  tf.cast(tf.oneHot(tf.cast(labels, "int32") as never, classes), "float32")

/** - sum_c p_c log q_c, with q in logs. Zero probabilities contribute nothing. */
export const crossEntropy = (target: Tensor, logModel: Tensor): Tensor => tf.neg(tf.sum(tf.mul(target, logModel), -1))

/** - sum_c p_c log p_c of softmax(logits / temperature). */
export const entropy = (logits: Tensor, temperature = 1): Tensor => {
  const logP = logSoftmax(logits, temperature)
  return crossEntropy(tf.exp(logP), logP)
}
