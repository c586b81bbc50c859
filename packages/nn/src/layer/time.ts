/** Times, or other numbers, as vectors that a network can tell apart. */
import type { Parameters } from "@relent/arrow"
import type { Source } from "@relent/random"
import { type Tensor, tf, type Tree } from "@relent/tensor"
import { even, initLayer, normal } from "./plan.ts"

const waves = (angles: Tensor): Tensor => tf.concat([tf.cos(angles), tf.sin(angles)], -1)

export interface TimeEmbedding {
  /** Even. */
  readonly width: number
  /** The slowest wave turns once in 2 pi of it, in units of the time; 10000 by default, for steps from 0 to 1000. */
  readonly maxPeriod?: number
}

/**
 * cos(t w_i) for all i, then sin(t w_i), with w_i = maxPeriod^(-i / (width / 2)): `[members or 1, batch, width]` of times
 * `[members or 1, batch]`, float32.
 *
 * @throws LayerInvalid if the width is odd.
 * @reference ho2020denoising
 */
export const timeEmbedding = (times: Tensor, { width, maxPeriod = 10000 }: TimeEmbedding): Tensor => {
  const half = even(width) / 2
  const rates = tf.tensor1d(Float32Array.from({ length: half }, (_, i) => maxPeriod ** (-i / half)))
  return waves(tf.mul(tf.expandDims(times, -1), rates))
}

export interface Fourier {
  /** How many numbers there are in a row. */
  readonly inputs: number
  /** Even. */
  readonly width: number
  readonly members: number
  /** Standard deviation of the frequencies, in turns a unit of the input. */
  readonly scale: number
}

/**
 * Frequencies `[members, inputs, width / 2]`, drawn once: they are no parameters. Keep them beside the tree that is trained, since a
 * gradient would move them.
 *
 * @throws LayerInvalid if the width is odd.
 */
export const initFourier = ({ inputs, width, members, scale }: Fourier, random: Source, layer: number): Parameters =>
  initLayer({ frequencies: normal(scale, inputs, even(width) / 2) }, members, random, layer)

/**
 * cos(2 pi x F), then sin(2 pi x F): `[members, batch, width]` of `[members or 1, batch, inputs]`.
 *
 * @reference tancik2020fourier
 */
export const applyFourier = ({ frequencies }: Tree, x: Tensor): Tensor =>
  waves(tf.mul(tf.matMul(x, frequencies!), 2 * Math.PI))
