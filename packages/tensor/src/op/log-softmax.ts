/** Softmax in logs. */
import { type Tensor, tf } from "../tf.ts"
import { operation } from "./operation.ts"

const run = operation({
  kernel: "RelentLogSoftmax",
  inputs: ["logits"],
  compute: ({ logits }) => tf.logSoftmax(logits),
  gradient: (dy, _, [y]) => ({ logits: () => tf.sub(dy, tf.mul(tf.sum(dy, -1, true), tf.exp(y!))) }),
})

/** x - log sum exp(x) over the last axis of `[..., classes]`. A logit of -Infinity stays one; +Infinity gives NaN. */
export const logSoftmax = (logits: Tensor): Tensor => run({ logits }, {})
