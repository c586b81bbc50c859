/** Divergences between sets of points, by Gaussian kernels. */
import { type Tensor, tf } from "@relent/tensor"

/** `log mean exp(-|x_i - y_j|^2 / (2 bandwidth^2))` over all pairs, `[..., n, d]` and `[..., m, d]` to `[...]`. */
const logMeanKernel = (x: Tensor, y: Tensor, bandwidth: number): Tensor => {
  const squares = (z: Tensor) => tf.sum(tf.square(z), -1, true)
  const rank = y.rank
  const turned = tf.transpose(squares(y), [...Array.from({ length: rank - 2 }, (_, i) => i), rank - 1, rank - 2])
  const distances = tf.relu(tf.sub(tf.add(squares(x), turned), tf.mul(2, tf.matMul(x, y, false, true))))
  const pairs = x.shape.at(-2)! * y.shape.at(-2)!
  return tf.sub(tf.logSumExp(tf.div(distances, -2 * bandwidth * bandwidth), [-2, -1]), Math.log(pairs))
}

/**
 * Cauchy–Schwarz divergence of the kernel density estimates of two sets of points, `[..., n, d]` and `[..., m, d]` to `[...]`:
 * `log mean K_tt + log mean K_mm - 2 log mean K_tm`, symmetric, at least 0; with gradient. `bandwidth` above 0, in the units
 * of the points. @reference principe2010
 */
export const kernelCauchySchwarz = (target: Tensor, model: Tensor, bandwidth: number): Tensor =>
  tf.sub(
    tf.add(logMeanKernel(target, target, bandwidth), logMeanKernel(model, model, bandwidth)),
    tf.mul(2, logMeanKernel(target, model, bandwidth)),
  )
