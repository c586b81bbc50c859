/** Cross-entropies of softmax(logits), one number a row. */
import { type Tensor, tf } from "../tf.ts"
import { logSoftmax } from "./log-softmax.ts"
import { kernel, operation, taped } from "./operation.ts"

/** What stands for a logit of -Infinity: its class has probability 0, and 0 times its logarithm is 0. */
const impossible = -1e30
const finite = (logits: Tensor) => tf.maximum(logits, impossible)
const oneHot = (labels: Tensor, classes: number) =>
  tf.cast(tf.oneHot(labels as tf.Tensor1D, classes, 1, 0, "int32"), "float32")
const timesRow = (x: Tensor, dy: Tensor) => tf.mul(x, tf.expandDims(dy, -1))

/** Names of the kernels. What a loss keeps is for the gradient of the same backend. */
export const CrossEntropyKernel = "RelentSoftmaxCrossEntropy"
export const CrossEntropyGradKernel = "RelentSoftmaxCrossEntropyGrad"
export const SparseCrossEntropyKernel = "RelentSparseSoftmaxCrossEntropy"
export const SparseCrossEntropyGradKernel = "RelentSparseSoftmaxCrossEntropyGrad"

/** The gradient by the logits, from what the kernel kept. */
const softGrad = kernel<"dy" | "target" | "kept", {}, Tensor>(CrossEntropyGradKernel, ({ dy, target, kept }) =>
  timesRow(tf.sub(tf.mul(tf.exp(kept), tf.sum(target, -1, true)), target), dy),
)

const soft = operation<"logits" | "target", { readonly gradient: "logits" | "both" }>({
  kernel: CrossEntropyKernel,
  inputs: ["logits", "target"],
  outputs: 2,
  compute: ({ logits, target }) => {
    const logModel = tf.logSoftmax(finite(logits))
    return [tf.neg(tf.sum(tf.mul(target, logModel), -1)), logModel]
  },
  gradient: (dy, { logits, target }, [, kept], { gradient }) => ({
    logits: () =>
      taped()
        ? timesRow(tf.sub(tf.mul(tf.softmax(finite(logits)), tf.sum(target, -1, true)), target), dy)
        : softGrad({ dy, target, kept: kept! }, {}),
    target: () => (gradient === "both" ? timesRow(tf.neg(logSoftmax(finite(logits))), dy) : tf.zerosLike(target)),
  }),
})

/**
 * - sum_c p_c log softmax(logits)_c: `[...]` of `[..., classes]` both. p needn't sum to 1. A logit of -Infinity counts as -1e30:
 * nothing where its p is 0. The gradient by the logits is q sum(p) - p; by the target, -log q, only if asked for.
 */
export const softmaxCrossEntropy = (
  logits: Tensor,
  target: Tensor,
  { gradient = "logits" }: { readonly gradient?: "logits" | "both" } = {},
): Tensor => soft({ logits, target }, { gradient })

const hardGrad = kernel<"dy" | "labels" | "kept", {}, Tensor>(SparseCrossEntropyGradKernel, ({ dy, labels, kept }) =>
  timesRow(tf.sub(tf.exp(kept), oneHot(labels, kept.shape.at(-1)!)), dy),
)

const hard = operation<"logits" | "labels", {}>({
  kernel: SparseCrossEntropyKernel,
  inputs: ["logits", "labels"],
  outputs: 2,
  compute: ({ logits, labels }) => {
    const logModel = tf.logSoftmax(finite(logits))
    return [tf.neg(tf.sum(tf.mul(oneHot(labels, logits.shape.at(-1)!), logModel), -1)), logModel]
  },
  gradient: (dy, { logits, labels }, [, kept]) => ({
    logits: () =>
      taped()
        ? timesRow(tf.sub(tf.softmax(finite(logits)), oneHot(labels, logits.shape.at(-1)!)), dy)
        : hardGrad({ dy, labels, kept: kept! }, {}),
    labels: () => tf.zeros(labels.shape),
  }),
})

/**
 * - log softmax(logits) at the label: `[...]` of logits `[..., classes]` and labels `[...]`, whole numbers (int32) from 0 to
 * classes - 1: others aren't looked for, since that would read values. The gradient by the logits is q - one-hot.
 */
export const sparseSoftmaxCrossEntropy = (logits: Tensor, labels: Tensor): Tensor => hard({ logits, labels }, {})
