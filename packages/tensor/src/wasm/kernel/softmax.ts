/** Softmax, its logarithm, sums in logs, and their gradients, over the last axis. */
import { LogSoftmaxGradKernel, LogSoftmaxKernel } from "../../op/log-softmax.ts"
import { LogSumExpGradKernel, LogSumExpKernel } from "../../op/log-sum-exp.ts"
import { MaskedSoftmaxKernel } from "../../op/masked-softmax.ts"
import { SoftmaxGradKernel } from "../../op/softmax-gradient.ts"
import { tf } from "../../tf.ts"
import { areFloats, float, type OwnKernel, sameShape, type Shaped, sizeOf } from "../own.ts"

/** How many rows there are, and how long they are. */
export const rowsOf = ({ shape }: Shaped): readonly [rows: number, length: number] => [
  sizeOf(shape.slice(0, -1)),
  shape.at(-1)!,
]
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
  bind: (machine, { logits }, [out]) => machine.call(name, logits.address, out!.address, ...rowsOf(logits)),
})

export const softmax = ofRows(tf.Softmax, "softmax", "exponentials four at a time")
export const logSoftmax = ofRows(
  LogSoftmaxKernel,
  "logSoftmax",
  "one pass over rows in the cache instead of six operations",
)

const gradient = (kernel: string, name: "softmaxGrad" | "logSoftmaxGrad", why: string): OwnKernel<"dy" | "y", {}> => ({
  kernel,
  why,
  outputs: ({ dy, y }) => (areFloats(dy, y) && sameShape(dy, y) && y.shape.length > 0 ? [float(y.shape)] : undefined),
  bind: (machine, { dy, y }, [out]) => machine.call(name, dy.address, y.address, out!.address, ...rowsOf(y)),
})

export const softmaxGrad = gradient(SoftmaxGradKernel, "softmaxGrad", "one operation instead of four")
export const logSoftmaxGrad = gradient(LogSoftmaxGradKernel, "logSoftmaxGrad", "one operation instead of four")

export const logSumExp: OwnKernel<"x", {}> = {
  kernel: LogSumExpKernel,
  why: "rows are read twice, and nothing is written between",
  outputs: ({ x }) => (areFloats(x) && x.shape.length > 0 ? [float([...x.shape.slice(0, -1), 1])] : undefined),
  bind: (machine, { x }, [out]) => machine.call("logSumExp", x.address, out!.address, ...rowsOf(x)),
}

export const logSumExpGrad: OwnKernel<"dy" | "x" | "y", {}> = {
  kernel: LogSumExpGradKernel,
  why: "one operation instead of four",
  outputs: ({ dy, x, y }) => (areFloats(dy, x, y) && oneEach(dy, x) && oneEach(y, x) ? [float(x.shape)] : undefined),
  bind: (machine, { dy, x, y }, [out]) =>
    machine.call("logSumExpGrad", dy.address, x.address, y.address, out!.address, ...rowsOf(x)),
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
    const [rows, length] = rowsOf(logits)
    return machine.call("maskedSoftmax", logits.address, mask.address, masks, 0, out!.address, rows, length)
  },
}
