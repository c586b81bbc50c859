/** Distances between the points of two sets. */
import { detached } from "../detached.ts"
import { type Tensor, tf } from "../tf.ts"
import { operation, sumTo } from "./operation.ts"

/** From the middle of x, where |x|^2 + |y|^2 - 2 x y loses least to rounding. */
const centred = (x: Tensor, y: Tensor) => {
  const middle = detached(() => tf.mean(x, -2, true))
  return [tf.sub(x, middle), tf.sub(y, middle)] as const
}

const run = operation<"x" | "y", {}>({
  kernel: "RelentSquaredDistances",
  inputs: ["x", "y"],
  compute: ({ x, y }) => {
    const [a, b] = centred(x, y)
    const [aa, bb] = [tf.sum(tf.square(a), -1, true), tf.expandDims(tf.sum(tf.square(b), -1), -2)]
    return tf.relu(tf.sub(tf.add(aa, bb), tf.mul(tf.matMul(a, b, false, true), 2)))
  },
  gradient: (dy, { x, y }) => {
    const [a, b] = centred(x, y)
    const twice = tf.mul(dy, 2)
    return {
      x: () => sumTo(tf.sub(tf.mul(a, tf.sum(twice, -1, true)), tf.matMul(twice, b)), x.shape),
      y: () => sumTo(tf.sub(tf.mul(b, tf.expandDims(tf.sum(twice, -2), -1)), tf.matMul(twice, a, true)), y.shape),
    }
  },
})

/** |x_i - y_j|^2: `[..., n, m]` of x `[..., n, d]` and y `[..., m, d]`. Never below 0. */
export const squaredDistances = (x: Tensor, y: Tensor): Tensor => run({ x, y }, {})
