/** Mixtures of isotropic Gaussians in space: exact denoiser on tensors, exact draws. */
import type { Draws } from "@relent/random"
import { type Tensor, tf } from "@relent/tensor"
import { makeMixture, MixtureInvalid } from "./gaussian-mixture.ts"

/** `p = sum_k weights_k N(means_k, deviations_k^2 I)`. */
export interface IsotropicMixture {
  readonly kind: "isotropic-mixture"
  readonly dimension: number
  /** Above 0, with sum 1. */
  readonly weights: Float64Array
  /** `[components, dimension]`, row by row. */
  readonly means: Float64Array
  /** Standard deviations, above 0. */
  readonly deviations: Float64Array
}

/** A mixture; throws `MixtureInvalid`. */
export const makeIsotropicMixture = (
  weights: ArrayLike<number>,
  means: ArrayLike<number>,
  deviations: ArrayLike<number>,
): IsotropicMixture => {
  const dimension = means.length / weights.length
  if (!Number.isInteger(dimension) || dimension === 0)
    throw new MixtureInvalid({ message: `${means.length} coordinates aren't the means of ${weights.length} weights` })
  const all = Float64Array.from(means)
  if (!all.every(Number.isFinite)) throw new MixtureInvalid({ message: "a mean isn't finite" })
  const line = makeMixture(weights, new Float64Array(weights.length), deviations)
  return { kind: "isotropic-mixture", dimension, weights: line.weights, means: all, deviations: line.deviations }
}

/** The standard deviation of all coordinates, each about its own mean, as of data. */
export const deviationOf = ({ weights, means, deviations, dimension }: IsotropicMixture): number => {
  let variance = 0
  for (let j = 0; j < dimension; j++) {
    let [mean, square] = [0, 0]
    weights.forEach((w, k) => {
      mean += w * means[k * dimension + j]!
      square += w * (means[k * dimension + j]! ** 2 + deviations[k]! ** 2)
    })
    variance += (square - mean ** 2) / dimension
  }
  return Math.sqrt(variance)
}

/** `rows` points `[rows, dimension]`: a component by its weight, then a normal draw. */
export const drawPoints = (mixture: IsotropicMixture, rows: number, draws: Draws): Float32Array => {
  const { weights, means, deviations, dimension } = mixture
  const x = new Float32Array(rows * dimension)
  for (let i = 0; i < rows; i++) {
    const k = draws.categorical(weights)
    for (let j = 0; j < dimension; j++)
      x[i * dimension + j] = means[k * dimension + j]! + deviations[k]! * draws.normal()
  }
  return x
}

/**
 * `E[x_0 | x] = sum_k P(k | x) (s_k^2 x + sigma^2 m_k) / (s_k^2 + sigma^2)`: `[members, batch, dimension]` of points of that shape at noise
 * levels `[members, batch, 1]`.
 */
export const denoiseMixture = (mixture: IsotropicMixture, x: Tensor, sigma: Tensor): Tensor => {
  const { weights, means, deviations, dimension } = mixture
  const components = weights.length
  const along = (values: Float64Array) => tf.tensor(Float32Array.from(values), [1, 1, components])
  const m = tf.tensor(Float32Array.from(means), [1, 1, components, dimension])
  const own = along(deviations.map((s) => s ** 2))
  const noise = tf.square(sigma)
  const variance = tf.add(own, noise) // [members, batch, components]
  const squares = tf.sum(tf.square(tf.sub(tf.expandDims(x, 2), m)), -1)
  // log w_k - d/2 log v_k - |x - m_k|^2 / (2 v_k)
  const scale = tf.sub(along(weights.map(Math.log)), tf.mul(dimension / 2, tf.log(variance)))
  const posterior = tf.softmax(tf.sub(scale, tf.div(squares, tf.mul(2, variance))))
  const kept = tf.sum(tf.mul(posterior, tf.div(own, variance)), -1, true)
  const pulled = tf.div(tf.mul(posterior, noise), variance)
  return tf.add(tf.mul(kept, x), tf.sum(tf.mul(tf.expandDims(pulled, -1), m), 2))
}
