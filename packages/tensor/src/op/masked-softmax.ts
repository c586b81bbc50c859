/** Softmax over those that count. */
import { type Tensor, tf } from "../tf.ts"
import { operation } from "./operation.ts"
import { softmaxGradient } from "./softmax-gradient.ts"

/** Added to what doesn't count; larger than any difference of logits, far from overflow. */
const hidden = 1e30

/** Name of the kernel. */
export const MaskedSoftmaxKernel = "RelentMaskedSoftmax"

const run = operation<"logits" | "mask", {}>({
  kernel: MaskedSoftmaxKernel,
  inputs: ["logits", "mask"],
  compute: ({ logits, mask }) => tf.mul(tf.softmax(tf.add(logits, tf.mul(tf.sub(mask, 1), hidden))), mask),
  gradient: (dy, { mask }, [y]) => ({
    logits: () => softmaxGradient({ dy, y: y! }),
    mask: () => tf.zerosLike(mask),
  }),
})

/**
 * Softmax over the last axis of `[..., n]` among the places where the mask is 1; 0 where it is 0, and in all of a row of zeros. The mask
 * (float32) broadcasts to the logits, which are finite where it is 0; no gradient flows into it.
 */
export const maskedSoftmax = (logits: Tensor, mask: Tensor): Tensor => run({ logits, mask }, {})
