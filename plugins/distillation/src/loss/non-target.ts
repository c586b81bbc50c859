/** Distributions over the classes that are not the label's. */
import { type Tensor, tf } from "@relent/tensor"
import { logSoftmax } from "@relent/nn"

/** Far below every logit, and finite in float32. */
const far = -1e4

/**
 * log softmax over the other C - 1 classes at a temperature; at the label it is far below, and must be masked.
 * Nothing is gathered: indexing has no gradient on wasm.
 */
export const nonTargetLog = (logits: Tensor, oneHot: Tensor, temperature: number): Tensor =>
  logSoftmax(tf.add(tf.div(logits, temperature), tf.mul(oneHot, far)))

/** - sum_{c != y} p_c log q_c. */
export const nonTargetCrossEntropy = (logTarget: Tensor, logModel: Tensor, oneHot: Tensor): Tensor =>
  tf.neg(tf.sum(tf.mul(tf.mul(tf.exp(logTarget), logModel), tf.sub(1, oneHot)), -1))
