/** Sums in logs. */
import { type Tensor, tf } from "../tf.ts"
import { operation, slopeKernel } from "./operation.ts"

const largest = 3.4e38
/** Finite, so that a difference from it is a number. */
export const finite = (x: Tensor) => tf.clipByValue(x, -largest, largest)

/** Names of the kernels. */
export const LogSumExpKernel = "RelentLogSumExp"
export const LogSumExpGradKernel = "RelentLogSumExpGrad"

const slope = slopeKernel<"dy" | "x" | "y">(LogSumExpGradKernel, ({ dy, x, y }) =>
  tf.mul(dy, tf.exp(tf.sub(x, finite(y)))),
)

const run = operation<"x", {}>({
  kernel: LogSumExpKernel,
  inputs: ["x"],
  compute: ({ x }) => {
    const top = finite(tf.max(x, -1, true))
    return tf.add(top, tf.log(tf.sum(tf.exp(tf.sub(x, top)), -1, true)))
  },
  gradient: (dy, { x }, [y]) => ({ x: () => slope({ dy, x, y: y! }) }),
})

/**
 * log sum exp(x) over the last axis, `[...]`, or `[..., 1]` with `keepDims`: no overflow for finite numbers; -Infinity of nothing but
 * -Infinity, where the gradient is 0. Its gradient is softmax(x).
 */
export const logSumExp = (x: Tensor, keepDims = false): Tensor => {
  const y = run({ x }, {})
  return keepDims ? y : tf.squeeze(y, [-1])
}
