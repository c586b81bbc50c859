/** Transposed convolution: the way back from a convolution's outputs to the size of its inputs. */
import type { Parameters } from "@relent/arrow"
import type { Source } from "@relent/random"
import { type Tensor, tf, type Tree } from "@relent/tensor"
import type { Conv2d, Moves } from "./conv2d.ts"
import { alongLast, eachMember } from "./members.ts"
import { filled, initLayer, normal, type Plan } from "./plan.ts"

/**
 * `weight: [kernel, kernel, outputs, inputs]` normal, `bias: [outputs]` zero: the kernel is that of the convolution which this one
 * transposes.
 */
export const conv2dTransposedPlan = ({
  inputs,
  outputs,
  kernel,
  init,
  bias = true,
}: Omit<Conv2d, "members">): Plan => ({
  weight: normal(init(kernel * kernel * inputs, kernel * kernel * outputs), kernel, kernel, outputs, inputs),
  ...(bias && { bias: filled(0, outputs) }),
})

/** `weight: [members, kernel, kernel, outputs, inputs]`, `bias: [members, outputs]`. */
export const initConv2dTransposed = ({ members, ...conv }: Conv2d, random: Source, layer: number): Parameters =>
  initLayer(conv2dTransposedPlan(conv), members, random, layer)

/**
 * Every pixel paints its kernel: `[members, batch, height', width', outputs]` from `[members or 1, batch, height, width, inputs]`,
 * `same` to height * stride, `valid` to (height - 1) * stride + kernel. A kernel that isn't a multiple of the stride paints some pixels
 * more often than others (checkerboards): `resize` and a convolution don't.
 *
 * @reference zeiler2010deconvolutional
 * @reference odena2016deconvolution
 */
export const applyConv2dTransposed = (
  { weight, bias }: Tree,
  x: Tensor,
  { stride = 1, padding = "same" }: Moves = {},
): Tensor => {
  const grown = (size: number, kernel: number) =>
    padding === "same" ? size * stride : (size - 1) * stride + Math.max(kernel, stride)
  const y = eachMember([x, weight!], (x, weight) => {
    const [batch, height, width] = x.shape as [number, number, number]
    const [kernel, , outputs] = weight.shape as [number, number, number]
    const shape: [number, number, number, number] = [batch, grown(height, kernel), grown(width, kernel), outputs]
    return tf.conv2dTranspose(x as tf.Tensor4D, weight as tf.Tensor4D, shape, stride, padding)
  })
  return bias === undefined ? y : tf.add(y, alongLast(bias, y))
}
