/** Closed forms between diagonal Gaussians, on tensors. */
import { type Tensor, tf } from "@relent/tensor"

/** Gaussians `[..., d]` whose coordinates are independent. */
export interface DiagonalGaussian {
  readonly mean: Tensor
  /** The logarithm of each coordinate's variance. */
  readonly logVariance: Tensor
}

/**
 * `KL(target || model) = sum (r - 1 - log r + s^2) / 2` in nats, `[...]`, over coordinates: r the ratio of the variances, s the shift in
 * deviations of the model. A model without a mean has 0, without variances 1. `betweenGaussians` is the same in float64.
 *
 * @reference gil2013
 */
export const klBetweenGaussians = (target: DiagonalGaussian, model: Partial<DiagonalGaussian> = {}): Tensor => {
  const apart = model.mean === undefined ? target.mean : tf.sub(target.mean, model.mean)
  const shift = model.logVariance === undefined ? apart : tf.mul(apart, tf.exp(tf.div(model.logVariance, -2)))
  const logRatio = model.logVariance === undefined ? target.logVariance : tf.sub(target.logVariance, model.logVariance)
  const each = tf.sub(tf.add(tf.square(shift), tf.exp(logRatio)), tf.add(logRatio, 1))
  return tf.div(tf.sum(each, -1), 2)
}
