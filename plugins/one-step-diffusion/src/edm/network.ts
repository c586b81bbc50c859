/** Denoising networks, preconditioned so that input, output and target have one scale at every level of noise. */
import { type Parameters, tensorValue } from "@relent/arrow"
import { type Activation, applyMlp, initMlp, type MlpShape } from "@relent/nn"
import type { Source } from "@relent/random"
import { type Tensor, tf, type Tree } from "@relent/tensor"

/** A multilayer perceptron of the point and of the features of its level of noise. */
export interface EdmShape extends MlpShape {
  /** The standard deviation of clean data, sigma_d. */
  readonly dataDeviation: number
}

/** The numbers that say a level of noise. */
const levelFeatures = 5

export interface EdmOptions {
  /** Coordinates of a point. */
  readonly dimension: number
  readonly hidden: ReadonlyArray<number>
  readonly activation: Activation
  readonly members: number
  readonly dataDeviation: number
}

export const edmShape = ({ dimension, hidden, ...more }: EdmOptions): EdmShape => ({
  ...more,
  widths: [dimension + levelFeatures, ...hidden, dimension],
})

/** Coordinates of a point. */
export const dimensionOf = ({ widths }: MlpShape): number => widths.at(-1)!

/** Starting weights; those of the last layer are a tenth, so that D begins near to c_skip x. */
export const initEdm = (shape: EdmShape, random: Source): Parameters => {
  const start = initMlp(shape, random)
  const last = `layers/${shape.widths.length - 2}/weight`
  const { values, shape: size } = start[last]!
  return {
    ...start,
    [last]: tensorValue(
      "float32",
      (values as Float32Array).map((w) => w / 10),
      size,
    ),
  }
}

/**
 * c_skip = sd^2 / (s^2 + sd^2), c_out = s sd / sqrt(s^2 + sd^2), c_in = 1 / sqrt(s^2 + sd^2), c_noise = log(s) / 4, of levels of
 * noise s.
 *
 * @reference karras2022elucidating
 */
export const preconditioning = (sigma: Tensor, dataDeviation: number) => {
  const variance = tf.add(tf.square(sigma), dataDeviation ** 2)
  const scale = tf.rsqrt(variance)
  return {
    skip: tf.div(dataDeviation ** 2, variance),
    out: tf.mul(tf.mul(sigma, dataDeviation), scale),
    in: scale,
    noise: tf.div(tf.log(sigma), 4),
  }
}

/** `(s^2 + sd^2) / (s sd)^2 = 1 / sd^2 + 1 / s^2`: what makes the error of F count alike at every level. @reference karras2022elucidating */
export const lossWeight = (sigma: Tensor, dataDeviation: number): Tensor =>
  tf.add(tf.div(1, tf.square(sigma)), 1 / dataDeviation ** 2)

/** What a network sees of noisy points: `c_in x`, then `c, sin 2c, cos 2c, sin 4c, cos 4c` of `c = c_noise`. */
export const seen = (x: Tensor, sigma: Tensor, dataDeviation: number): Tensor => {
  const { in: scale, noise } = preconditioning(sigma, dataDeviation)
  const [two, four] = [tf.mul(noise, 2), tf.mul(noise, 4)]
  return tf.concat([tf.mul(x, scale), noise, tf.sin(two), tf.cos(two), tf.sin(four), tf.cos(four)], -1)
}

/**
 * D(x, s) = c_skip x + c_out F(c_in x, c_noise): `[members, batch, dimension]` of noisy points of that shape and levels
 * `[members, batch, 1]`. One network serves any number of members.
 *
 * @reference karras2022elucidating
 */
export const denoise = (shape: EdmShape, tree: Tree, x: Tensor, sigma: Tensor): Tensor => {
  if (shape.members === 1 && x.shape[0] !== 1) {
    const rows = (t: Tensor) => tf.reshape(t, [1, -1, t.shape.at(-1)!])
    return tf.reshape(denoise(shape, tree, rows(x), rows(sigma)), x.shape)
  }
  const { skip, out } = preconditioning(sigma, shape.dataDeviation)
  return tf.add(tf.mul(skip, x), tf.mul(out, applyMlp(shape, tree, seen(x, sigma, shape.dataDeviation))))
}

/** The loss of each row, `[members, batch]`: `weight(s) mean_j (D(x + s e, s) - x)_j^2`. @reference karras2022elucidating */
export const denoisingLoss = (shape: EdmShape, tree: Tree, clean: Tensor, noise: Tensor, sigma: Tensor): Tensor => {
  const guess = denoise(shape, tree, tf.add(clean, tf.mul(sigma, noise)), sigma)
  const error = tf.mean(tf.square(tf.sub(guess, clean)), -1, true)
  return tf.squeeze(tf.mul(lossWeight(sigma, shape.dataDeviation), error), [-1])
}
