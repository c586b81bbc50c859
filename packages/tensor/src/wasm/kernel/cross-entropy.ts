/** Cross-entropies of softmax(logits): they keep the probabilities for their gradients, so either all of a kind are ours or none. */
import {
  CrossEntropyGradKernel,
  CrossEntropyKernel,
  SparseCrossEntropyGradKernel,
  SparseCrossEntropyKernel,
} from "../../op/cross-entropy.ts"
import { areFloats, float, type OwnKernel, sameShape, type Shaped } from "../own.ts"
import { Cost, overRows } from "../share.ts"

const whyLoss = "loss and probabilities in one pass over rows in the cache"
const whyGradient = "one operation, without exponentials"

const soft = (logits: Shaped, target: Shaped) =>
  areFloats(logits, target) && logits.shape.length > 0 && sameShape(logits, target)
const hard = (logits: Shaped, labels: Shaped) =>
  areFloats(logits) &&
  labels.dtype === "int32" &&
  logits.shape.length > 0 &&
  labels.shape.join() === logits.shape.slice(0, -1).join()
const lossAndKept = ({ shape }: Shaped) => [float(shape.slice(0, -1)), float(shape)]

export const crossEntropy: OwnKernel<"logits" | "target", {}> = {
  kernel: CrossEntropyKernel,
  why: whyLoss,
  outputs: ({ logits, target }) => (soft(logits, target) ? lossAndKept(logits) : undefined),
  bind: (machine, { logits, target }, [loss, kept]) =>
    overRows(machine, logits, Cost.exponential, (at, sizes) => [
      "crossEntropy",
      at(logits),
      at(target),
      at(loss!),
      at(kept!),
      ...sizes,
    ]),
}

export const crossEntropyGrad: OwnKernel<"dy" | "target" | "kept", {}> = {
  kernel: CrossEntropyGradKernel,
  why: whyGradient,
  outputs: ({ target, kept }) => (soft(kept, target) ? [float(kept.shape)] : undefined),
  bind: (machine, { dy, target, kept }, [out]) =>
    overRows(machine, kept, Cost.computed, (at, sizes) => [
      "crossEntropyGrad",
      at(dy),
      at(target),
      at(kept),
      at(out!),
      ...sizes,
    ]),
}

export const sparseCrossEntropy: OwnKernel<"logits" | "labels", {}> = {
  kernel: SparseCrossEntropyKernel,
  why: whyLoss,
  outputs: ({ logits, labels }) => (hard(logits, labels) ? lossAndKept(logits) : undefined),
  bind: (machine, { logits, labels }, [loss, kept]) =>
    overRows(machine, logits, Cost.exponential, (at, sizes) => [
      "sparseCrossEntropy",
      at(logits),
      at(labels),
      at(loss!),
      at(kept!),
      ...sizes,
    ]),
}

export const sparseCrossEntropyGrad: OwnKernel<"dy" | "labels" | "kept", {}> = {
  kernel: SparseCrossEntropyGradKernel,
  why: whyGradient,
  outputs: ({ labels, kept }) => (hard(kept, labels) ? [float(kept.shape)] : undefined),
  bind: (machine, { dy, labels, kept }, [out]) =>
    overRows(machine, kept, Cost.computed, (at, sizes) => [
      "sparseCrossEntropyGrad",
      at(dy),
      at(labels),
      at(kept),
      at(out!),
      ...sizes,
    ]),
}
