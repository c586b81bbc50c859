/** Encoders that give a Gaussian: what is drawn from it. */
import type { DiagonalGaussian } from "@relent/divergence/tensor"
import { type Tensor, tf } from "@relent/tensor"

/** `mean + e^(logVariance / 2) noise`, of standard normal noise: a draw with a gradient by mean and variance. */
export const drawn = ({ mean, logVariance }: DiagonalGaussian, noise: Tensor): Tensor =>
  tf.add(mean, tf.mul(tf.exp(tf.div(logVariance, 2)), noise))
