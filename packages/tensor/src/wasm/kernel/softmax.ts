/** Softmax, its logarithm, sums in logs, and their gradients, over the last axis. */
import { LogSoftmaxGradKernel, LogSoftmaxKernel } from "../../op/log-softmax.ts"
import { LogSumExpGradKernel, LogSumExpKernel } from "../../op/log-sum-exp.ts"
import { MaskedSoftmaxKernel } from "../../op/masked-softmax.ts"
import { SoftmaxGradKernel } from "../../op/softmax-gradient.ts"
import { tf } from "../../tf.ts"
import { areFloats, float, type OwnKernel, sameShape, type Shaped } from "../own.ts"
import { Cost, overRows, rowsOf } from "../share.ts"

/** One number for each row. */
export const oneEach = ({ shape }: Shaped, { shape: whole }: Shaped): boolean =>
  shape.join() === [...whole.slice(0, -1), 1].join()

const ofRows = (
  kernel: string,
  name: "softmax" | "logSoftmax",
  why: string,
): OwnKernel<"logits", { readonly dim?: number }> => ({
  kernel,
  why,
  outputs: ({ logits }) => (areFloats(logits) && logits.shape.length > 0 ? [float(logits.shape)] : undefined),
  bind: (machine, { logits }, [out]) =>
    overRows(machine, logits, Cost.exponential, (at, sizes) => [name, at(logits), at(out!), ...sizes]),
})

export const softmax = ofRows(tf.Softmax, "softmax", "exponentials four at a time")
export const logSoftmax = ofRows(
  LogSoftmaxKernel,
  "logSoftmax",
  "one pass over rows in the cache instead of six operations",
)

const gradient = (
  kernel: string,
  name: "softmaxGrad" | "logSoftmaxGrad",
  cost: number,
  why: string,
): OwnKernel<"dy" | "y", {}> => ({
  kernel,
  why,
  outputs: ({ dy, y }) => (areFloats(dy, y) && sameShape(dy, y) && y.shape.length > 0 ? [float(y.shape)] : undefined),
  bind: (machine, { dy, y }, [out]) =>
    overRows(machine, y, cost, (at, sizes) => [name, at(dy), at(y), at(out!), ...sizes]),
})

export const softmaxGrad = gradient(SoftmaxGradKernel, "softmaxGrad", Cost.computed, "one operation instead of four")
export const logSoftmaxGrad = gradient(
  LogSoftmaxGradKernel,
  "logSoftmaxGrad",
  Cost.exponential,
  "one operation instead of four",
)

export const logSumExp: OwnKernel<"x", {}> = {
  kernel: LogSumExpKernel,
  why: "rows are read twice, and nothing is written between",
  outputs: ({ x }) => (areFloats(x) && x.shape.length > 0 ? [float([...x.shape.slice(0, -1), 1])] : undefined),
  bind: (machine, { x }, [out]) =>
    overRows(machine, x, Cost.exponential, (at, sizes) => ["logSumExp", at(x), at(out!), ...sizes]),
}

export const logSumExpGrad: OwnKernel<"dy" | "x" | "y", {}> = {
  kernel: LogSumExpGradKernel,
  why: "one operation instead of four",
  outputs: ({ dy, x, y }) => (areFloats(dy, x, y) && oneEach(dy, x) && oneEach(y, x) ? [float(x.shape)] : undefined),
  bind: (machine, { dy, x, y }, [out]) =>
    overRows(machine, x, Cost.exponential, (at, sizes) => ["logSumExpGrad", at(dy), at(x), at(y), at(out!), ...sizes]),
}

/** Without the leading axes of length 1. */
const bare = (shape: ReadonlyArray<number>) => {
  const first = shape.findIndex((n) => n !== 1)
  return first < 0 ? [] : shape.slice(first)
}

export const maskedSoftmax: OwnKernel<"logits" | "mask", {}> = {
  kernel: MaskedSoftmaxKernel,
  why: "one pass over rows in the cache instead of five operations",
  outputs: ({ logits, mask }) => {
    const own = bare(mask.shape)
    const fits = mask.shape.length <= logits.shape.length
    const trailing = fits && own.length > 0 && own.join() === logits.shape.slice(-own.length).join()
    return areFloats(logits, mask) && trailing ? [float(logits.shape)] : undefined
  },
  bind: (machine, { logits, mask }, [out]) => {
    const [masks] = rowsOf(mask)
    return overRows(machine, logits, Cost.exponential, (at, sizes, first) => [
      "maskedSoftmax",
      at(logits),
      mask.address,
      masks,
      first,
      at(out!),
      ...sizes,
    ])
  },
}
