/** Cross-entropies on logits, in log space. One number a row: `[members, batch]`. */
import { logSoftmax as logSoftmaxOp, softmaxCrossEntropy as crossEntropyOp, type Tensor, tf } from "@relent/tensor"

/** log softmax(logits / temperature) over the last axis. */
export const logSoftmax = (logits: Tensor, temperature = 1): Tensor =>
  logSoftmaxOp(temperature === 1 ? logits : tf.div(logits, temperature))

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

/**
 * - sum_c p_c log softmax(logits)_c for targets `[..., classes]`, one-hot rows or soft ones. Its gradient q sum(p) - p is taken
 * directly; no gradient flows into the target.
 */
export const softmaxCrossEntropy = (target: Tensor, logits: Tensor): Tensor => crossEntropyOp(logits, target)
