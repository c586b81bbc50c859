/** The gradient of softmax, from what it gave. */
import { type Tensor, tf } from "../tf.ts"
import { kernel, taped } from "./operation.ts"

const composed = ({ dy, y }: { readonly dy: Tensor; readonly y: Tensor }) => {
  const weighted = tf.mul(dy, y)
  return tf.sub(weighted, tf.mul(tf.sum(weighted, -1, true), y))
}

/** Name of the kernel. */
export const SoftmaxGradKernel = "RelentSoftmaxGrad"

const run = kernel<"dy" | "y", {}, Tensor>(SoftmaxGradKernel, composed)

/** y (dy - sum y dy) of rows y = softmax(x), `[..., n]` both. */
export const softmaxGradient = (dy: Tensor, y: Tensor): Tensor => (taped() ? composed({ dy, y }) : run({ dy, y }, {}))
