/** Divergences between sets of points, by Gaussian kernels. */
import { type Tensor, tf } from "@relent/tensor"
import { checkSigma, type KernelDivergence } from "../kernel.ts"
import { withGradient } from "./gradient.ts"
import { tensorRows } from "./rows.ts"

/**
 * `log mean exp(-|x_i - y_j|^2 / (2 sigma^2))` over all pairs, `[..., n, d]` and `[..., m, d]` to `[...]`. With the share
 * `w_ij` of a pair in the sum, the gradient by `x_i` is `sum_j w_ij (y_j - x_i) / sigma^2`, however far the sets are apart.
 */
const logMeanKernel = (x: Tensor, y: Tensor, sigma: number): Tensor =>
  withGradient({
    inputs: [x, y],
    forward: (x, y) => {
      // from the middle of x, where |x|^2 + |y|^2 - 2 x y loses least to rounding
      const middle = tf.mean(x, -2, true)
      const [a, b] = [tf.div(tf.sub(x, middle), sigma), tf.div(tf.sub(y, middle), sigma)]
      const half = (z: Tensor) => tf.div(tf.sum(tf.square(z), -1), 2)
      const squares = tf.add(tf.expandDims(half(a), -1), tf.expandDims(half(b), -2))
      const distances = tf.relu(tf.sub(squares, tf.matMul(a, b, false, true)))
      const nearest = tf.min(distances, [-2, -1], true)
      const terms = tf.exp(tf.sub(nearest, distances))
      const total = tf.sum(terms, [-2, -1], true)
      const pairs = x.shape.at(-2)! * y.shape.at(-2)!
      const value = tf.sub(tf.sub(tf.log(total), nearest), Math.log(pairs))
      return { value: tf.squeeze(value, [-2, -1]), saved: [a, b, terms, total] }
    },
    backward: (dy, _x, _y, a, b, terms, total) => {
      const w = tf.mul(terms, tf.div(tf.reshape(dy, total.shape), tf.mul(total, sigma)))
      const sumOver = (axis: -1 | -2) => tf.expandDims(tf.sum(w, axis), -1)
      return [tf.sub(tf.matMul(w, b), tf.mul(sumOver(-1), a)), tf.sub(tf.matMul(w, a, true), tf.mul(sumOver(-2), b))]
    },
  })

/**
 * D of two sets of points, `[..., n, d]` and `[..., m, d]` to `[...]`, with its gradient by both. `sigma`, above 0, is in
 * the units of the points.
 */
export const betweenPoints = ({ of }: KernelDivergence, target: Tensor, model: Tensor, sigma: number): Tensor => {
  checkSigma(sigma)
  return of(
    logMeanKernel(target, target, sigma),
    logMeanKernel(model, model, sigma),
    logMeanKernel(target, model, sigma),
    tensorRows,
  ) as Tensor
}
