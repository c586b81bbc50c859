/** Softmax in logs. */
import { type Tensor, tf } from "../tf.ts"
import { operation, slopeKernel } from "./operation.ts"

/** Names of the kernels. */
export const LogSoftmaxKernel = "RelentLogSoftmax"
export const LogSoftmaxGradKernel = "RelentLogSoftmaxGrad"

const slope = slopeKernel<"dy" | "y">(LogSoftmaxGradKernel, ({ dy, y }) =>
  tf.sub(dy, tf.mul(tf.sum(dy, -1, true), tf.exp(y))),
)

const run = operation({
  kernel: LogSoftmaxKernel,
  inputs: ["logits"],
  compute: ({ logits }) => tf.logSoftmax(logits),
  gradient: (dy, _, [y]) => ({ logits: () => slope({ dy, y: y! }) }),
})

/** x - log sum exp(x) over the last axis of `[..., classes]`. A logit of -Infinity stays one; +Infinity gives NaN. */
export const logSoftmax = (logits: Tensor): Tensor => run({ logits }, {})
