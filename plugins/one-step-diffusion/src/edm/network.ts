/** Denoising networks, preconditioned so that input, output and target have one scale at every level of noise. */
import { type Parameters, tensorValue } from "@relent/arrow"
import { type Activation, applyMlp, applyUnet, initMlp, initUnet, type MlpShape, type UnetShape } from "@relent/nn"
import type { Source } from "@relent/random"
import { type Tensor, tf, type Tree } from "@relent/tensor"

interface OfData {
  /** The standard deviation of clean data, sigma_d. */
  readonly dataDeviation: number
}
/** A multilayer perceptron of the point and of the features of its level of noise. */
export interface PerceptronShape extends MlpShape, OfData {}
/** A U-Net of the point as an image, whose time is the level of noise. */
export interface ImageShape extends UnetShape, OfData {}
export type EdmShape = PerceptronShape | ImageShape

export const isOfImages = (shape: MlpShape | UnetShape): shape is UnetShape => "image" in shape

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

export const edmShape = ({ dimension, hidden, ...more }: EdmOptions): PerceptronShape => ({
  ...more,
  widths: [dimension + levelFeatures, ...hidden, dimension],
})

/** Coordinates of a point. */
export const dimensionOf = (shape: MlpShape | UnetShape): number =>
  isOfImages(shape) ? shape.image.reduce((product, n) => product * n, 1) : shape.widths.at(-1)!

/** Starting weights; those of the last layer are a tenth, so that D begins near to c_skip x. */
export const initEdm = (shape: EdmShape, random: Source): Parameters => {
  const start = isOfImages(shape) ? initUnet(shape, random) : initMlp(shape, random)
  const last = isOfImages(shape) ? "out/weight" : `layers/${shape.widths.length - 2}/weight`
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

/** What a network is told of levels of noise, `[members, batch, 1]` each but for the features: computed once for all that look at them. */
export interface Preconditioning {
  readonly sigma: Tensor
  readonly skip: Tensor
  readonly out: Tensor
  readonly in: Tensor
  /** `c, sin 2c, cos 2c, sin 4c, cos 4c` of `c = c_noise`, `[members, batch, 5]`. */
  readonly features: Tensor
}

/**
 * c_skip = sd^2 / (s^2 + sd^2), c_out = s sd / sqrt(s^2 + sd^2), c_in = 1 / sqrt(s^2 + sd^2), c_noise = log(s) / 4, of levels of
 * noise s.
 *
 * @reference karras2022elucidating
 */
export const preconditioning = (sigma: Tensor, dataDeviation: number): Preconditioning => {
  const variance = tf.add(tf.square(sigma), dataDeviation ** 2)
  const scale = tf.rsqrt(variance)
  const c = tf.div(tf.log(sigma), 4)
  const [two, four] = [tf.mul(c, 2), tf.mul(c, 4)]
  return {
    sigma,
    skip: tf.div(dataDeviation ** 2, variance),
    out: tf.mul(tf.mul(sigma, dataDeviation), scale),
    in: scale,
    features: tf.concat([c, tf.sin(two), tf.cos(two), tf.sin(four), tf.cos(four)], -1),
  }
}

/** `(s^2 + sd^2) / (s sd)^2 = 1 / sd^2 + 1 / s^2`: what makes the error of F count alike at every level. @reference karras2022elucidating */
export const lossWeight = (sigma: Tensor, dataDeviation: number): Tensor =>
  tf.add(tf.div(1, tf.square(sigma)), 1 / dataDeviation ** 2)

/** What a network sees of noisy points: `c_in x`, then the features of their levels. */
export const seen = (x: Tensor, level: Preconditioning): Tensor => tf.concat([tf.mul(x, level.in), level.features], -1)

/** All members' rows as those of one. */
const asOne = (t: Tensor): Tensor => tf.reshape(t, [1, -1, t.shape.at(-1)!])

/** A U-Net's time, of `c_noise`, `[members, batch, 1]`: its fastest wave turns about four times while the level grows by e. */
const timesOf = ({ features }: Preconditioning): Tensor => tf.mul(tf.slice(features, [0, 0, 0], [-1, -1, 1]), 100)

/** `F(c_in x, c_noise)` as the shape has it. */
const network = (shape: EdmShape, tree: Tree, x: Tensor, level: Preconditioning): Tensor => {
  const isShared = shape.members === 1 && x.shape[0] !== 1
  const rows = isShared ? asOne : (t: Tensor) => t
  const made = isOfImages(shape)
    ? applyUnet(shape, tree, rows(tf.mul(x, level.in)), tf.squeeze(rows(timesOf(level)), [-1]))
    : applyMlp(shape, tree, rows(seen(x, level)))
  return isShared ? tf.reshape(made, x.shape) : made
}

/**
 * D(x, s) = c_skip x + c_out F(c_in x, c_noise): `[members, batch, dimension]` of noisy points of that shape and their levels. One
 * network serves any number of members.
 *
 * @reference karras2022elucidating
 */
export const denoise = (shape: EdmShape, tree: Tree, x: Tensor, level: Preconditioning): Tensor =>
  tf.add(tf.mul(level.skip, x), tf.mul(level.out, network(shape, tree, x, level)))

/** The loss of each row, `[members, batch]`: `weight(s) mean_j (D(x + s e, s) - x)_j^2`, of the clean points and the noisy ones. @reference karras2022elucidating */
export const denoisingLoss = (
  shape: EdmShape,
  tree: Tree,
  clean: Tensor,
  noisy: Tensor,
  level: Preconditioning,
): Tensor => {
  const error = tf.mean(tf.square(tf.sub(denoise(shape, tree, noisy, level), clean)), -1, true)
  return tf.squeeze(tf.mul(lossWeight(level.sigma, shape.dataDeviation), error), [-1])
}
