/** Convolution over images `[members, batch, height, width, channels]`. */
import type { Parameters } from "@relent/arrow"
import type { Source } from "@relent/random"
import { type Tensor, tf, type Tree } from "@relent/tensor"
import type { Init } from "../init.ts"
import { alongLast, eachMember } from "./members.ts"
import { filled, initLayer, normal, type Plan } from "./plan.ts"

export interface Conv2d {
  /** Channels. */
  readonly inputs: number
  readonly outputs: number
  /** Height and width of the kernel, in pixels. */
  readonly kernel: number
  readonly members: number
  readonly init: Init
  /** Whether a bias is added; it is by default. */
  readonly bias?: boolean
}

/** How a kernel moves. */
export interface Moves {
  /** Pixels from one position to the next; 1 by default. */
  readonly stride?: number
  /**
   * `same` (the default) surrounds the image with zeros so that ceil(size / stride) positions remain, the odd pixel after the end, as
   * TensorFlow does; `valid` keeps the floor((size - kernel) / stride) + 1 positions inside the image.
   */
  readonly padding?: "same" | "valid"
}

/** `weight: [kernel, kernel, inputs, outputs]` normal, spread by the numbers of inputs and outputs of a pixel; `bias: [outputs]` zero. */
export const conv2dPlan = ({ inputs, outputs, kernel, init, bias = true }: Omit<Conv2d, "members">): Plan => ({
  weight: normal(init(kernel * kernel * inputs, kernel * kernel * outputs), kernel, kernel, inputs, outputs),
  ...(bias && { bias: filled(0, outputs) }),
})

/** `weight: [members, kernel, kernel, inputs, outputs]`, `bias: [members, outputs]`; member m draws from `random("init", m, layer)`. */
export const initConv2d = ({ members, ...conv }: Conv2d, random: Source, layer: number): Parameters =>
  initLayer(conv2dPlan(conv), members, random, layer)

/**
 * sum_{i,j,c} x[s h + i, s w + j, c] W[i, j, c, o] + b[o], for stride s: `[members, batch, height', width', outputs]` from
 * `[members or 1, batch, height, width, inputs]`. Several members are a convolution each.
 *
 * @reference lecun1998gradient
 */
export const applyConv2d = (
  { weight, bias }: Tree,
  x: Tensor,
  { stride = 1, padding = "same" }: Moves = {},
): Tensor => {
  const y = eachMember([x, weight!], (x, weight) => tf.conv2d(x as tf.Tensor4D, weight as tf.Tensor4D, stride, padding))
  return bias === undefined ? y : tf.add(y, alongLast(bias, y))
}
