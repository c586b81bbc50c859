/** Normalisations that look at one example at a time: what else is in the batch doesn't matter, in training or after. */
import type { Parameters } from "@relent/arrow"
import type { Source } from "@relent/random"
import { type Tensor, tf, type Tree } from "@relent/tensor"
import { alongLast } from "./members.ts"
import { filled, initLayer, LayerInvalid, type Plan } from "./plan.ts"

export interface Norm {
  /** Size of the last axis. */
  readonly width: number
  readonly members: number
  /** Whether a scale, from 1, is learnt for each place of the last axis; it is by default. */
  readonly scale?: boolean
  /** The same for an offset, from 0. */
  readonly offset?: boolean
}

/** Added to the variance (or the mean square) under the root: 1e-5 by default. */
export interface Epsilon {
  readonly epsilon?: number
}

/** `scale: [width]` one, `offset: [width]` zero. */
export const normPlan = ({ width, scale = true, offset = true }: Omit<Norm, "members">): Plan => ({
  ...(scale && { scale: filled(1, width) }),
  ...(offset && { offset: filled(0, width) }),
})

/** `scale: [members, width]`, `offset: [members, width]`, of any of the norms below. Nothing is drawn. */
export const initNorm = ({ members, ...norm }: Norm, random: Source, layer: number): Parameters =>
  initLayer(normPlan(norm), members, random, layer)

/** What was learnt, on what was normalised. */
const learnt = ({ scale, offset }: Tree, x: Tensor): Tensor => {
  const scaled = scale === undefined ? x : tf.mul(x, alongLast(scale, x))
  return offset === undefined ? scaled : tf.add(scaled, alongLast(offset, x))
}

/** (x - mean) / sqrt(variance + epsilon) over some axes; the variance divides by the number of elements. */
const standardised = (x: Tensor, axes: ReadonlyArray<number>, epsilon: number): Tensor => {
  const centred = tf.sub(x, tf.mean(x, [...axes], true))
  const variance = tf.mean(tf.square(centred), [...axes], true)
  return tf.mul(centred, tf.rsqrt(tf.add(variance, epsilon)))
}

/**
 * (x - mean) / sqrt(variance + epsilon) * scale + offset over the last axis of `[members or 1, ..., width]`.
 *
 * @reference ba2016layer
 */
export const applyLayerNorm = (tree: Tree, x: Tensor, { epsilon = 1e-5 }: Epsilon = {}): Tensor =>
  learnt(tree, standardised(x, [x.rank - 1], epsilon))

/**
 * x / sqrt(mean of x^2 + epsilon) * scale over the last axis of `[members or 1, ..., width]`: no centre is taken. Give `initNorm`
 * `offset: false` for the paper's.
 *
 * @reference zhang2019root
 */
export const applyRmsNorm = (tree: Tree, x: Tensor, { epsilon = 1e-5 }: Epsilon = {}): Tensor => {
  const meanSquare = tf.mean(tf.square(x), -1, true)
  return learnt(tree, tf.mul(x, tf.rsqrt(tf.add(meanSquare, epsilon))))
}

/**
 * How many channels are a group.
 *
 * @throws LayerInvalid if the groups don't divide the channels.
 */
export const groupSize = (channels: number, groups: number): number => {
  const size = channels / groups
  if (!Number.isInteger(size))
    throw new LayerInvalid({
      message: `${channels} channels can't be ${groups} groups of equal size`,
      hint: `choose a number of groups that divides ${channels}`,
    })
  return size
}

/**
 * As the layer norm, over all pixels of a group of neighbouring channels: x is `[members or 1, batch, ..., channels]`, and the groups are
 * equally large. One group for all channels is a layer norm over the whole image.
 *
 * @throws LayerInvalid if the groups don't divide the channels.
 * @reference wu2018group
 */
export const applyGroupNorm = (
  tree: Tree,
  x: Tensor,
  { groups, epsilon = 1e-5 }: Epsilon & { readonly groups: number },
): Tensor => {
  const [members, batch] = x.shape as [number, number]
  const channels = x.shape.at(-1)!
  const grouped = tf.reshape(x, [members * batch, -1, groups, groupSize(channels, groups)])
  return learnt(tree, tf.reshape(standardised(grouped, [1, 3], epsilon), x.shape))
}

/**
 * Every channel of an image by itself: a group norm whose groups are single channels.
 *
 * @reference ulyanov2016instance
 */
export const applyInstanceNorm = (tree: Tree, x: Tensor, epsilon: Epsilon = {}): Tensor =>
  applyGroupNorm(tree, x, { ...epsilon, groups: x.shape.at(-1)! })
