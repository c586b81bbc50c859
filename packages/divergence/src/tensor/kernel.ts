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
  withGradient(
    [x, y],
    () => {
      // from the middle of x, where |x|^2 + |y|^2 - 2 x y loses least to rounding
      const middle = tf.mean(x, -2, true)
      const [a, b] = [tf.sub(x, middle), tf.sub(y, middle)]
      const squares = tf.add(tf.sum(tf.square(a), -1, true), tf.expandDims(tf.sum(tf.square(b), -1), -2))
      const distances = tf.relu(tf.sub(squares, tf.mul(2, tf.matMul(a, b, false, true))))
      const exponents = tf.div(distances, -2 * sigma * sigma)
      const total = tf.logSumExp(exponents, [-2, -1], true)
      const pairs = x.shape.at(-2)! * y.shape.at(-2)!
      return {
        value: tf.sub(tf.squeeze(total, [-2, -1]), Math.log(pairs)),
        saved: [a, b, tf.exp(tf.sub(exponents, total))],
      }
    },
    (dy, a, b, shares) => {
      const w = tf.div(tf.mul(shares, tf.expandDims(tf.expandDims(dy, -1), -1)), sigma * sigma)
      return [
        tf.sub(tf.matMul(w, b), tf.mul(tf.sum(w, -1, true), a)),
        tf.sub(tf.matMul(w, a, true), tf.mul(tf.expandDims(tf.sum(w, -2), -1), b)),
      ]
    },
  )

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
