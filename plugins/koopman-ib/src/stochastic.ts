/** Encoders that give a Gaussian: what is drawn from it. */
import { product, type TensorValue, tensorValue } from "@relent/arrow"
import type { DiagonalGaussian } from "@relent/divergence/tensor"
import type { Source } from "@relent/random"
import { type Tensor, tf } from "@relent/tensor"

/** Standard normal numbers `[members, ...shape]`; each member has draws of its own at every step. */
export const noiseOf = (
  random: Source,
  purpose: string,
  members: number,
  step: number,
  shape: ReadonlyArray<number>,
): TensorValue => {
  const each = product(shape)
  const noise = new Float32Array(members * each)
  for (let m = 0; m < members; m++) noise.set(random(purpose, m, step).normals(each), m * each)
  return tensorValue("float32", noise, [members, ...shape])
}

/** `mean + e^(logVariance / 2) noise`, of standard normal noise: a draw with a gradient by mean and variance. */
export const drawn = ({ mean, logVariance }: DiagonalGaussian, noise: Tensor): Tensor =>
  tf.add(mean, tf.mul(tf.exp(tf.div(logVariance, 2)), noise))
