/** The gradient of softmax, from what it gave. */
import { tf } from "../tf.ts"
import { slopeKernel } from "./operation.ts"

/** Name of the kernel. */
export const SoftmaxGradKernel = "RelentSoftmaxGrad"

/** y (dy - sum y dy) of rows y = softmax(x), `[..., n]` both. */
export const softmaxGradient = slopeKernel<"dy" | "y">(SoftmaxGradKernel, ({ dy, y }) => {
  const weighted = tf.mul(dy, y)
  return tf.sub(weighted, tf.mul(tf.sum(weighted, -1, true), y))
})
