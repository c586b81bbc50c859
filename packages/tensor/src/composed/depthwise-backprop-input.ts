/** The gradient of a depthwise convolution to its input. */
import { tf } from "../tf.ts"
import type { ComposedKernel, Inputs } from "./kernel.ts"
import { part, spread } from "./window.ts"

/**
 * `dx[n, y, x, c] = sum over u, v, m of w[u, v, c, m] dy[n, (y + top - u d) / s, (x + left - v d) / s, c m]`, where the quotients
 * are whole: the depthwise convolution of `dy`, spread by the stride, with the filter turned round.
 */
export const depthwiseBackpropInput: ComposedKernel = {
  name: tf.DepthwiseConv2dNativeBackpropInput,
  compute: (
    { dy, filter }: Inputs<tf.DepthwiseConv2dNativeBackpropInputInputs>,
    { strides, dilations, pad, dimRoundingMode, inputShape }: tf.DepthwiseConv2dNativeBackpropInputAttrs,
  ) => {
    const shape = filter.shape as [number, number, number, number]
    const info = tf.backend_util.computeConv2DInfo(inputShape, shape, strides, dilations, pad, dimRoundingMode, true)
    const { batchSize, inHeight, inWidth, inChannels, outChannels, dilationHeight, dilationWidth } = info
    const reach = [(info.filterHeight - 1) * dilationHeight, (info.filterWidth - 1) * dilationWidth] as const
    const slopes = part(
      spread(dy, info.strideHeight, info.strideWidth),
      [info.padInfo.top - reach[0], info.padInfo.left - reach[1]],
      [inHeight + reach[0], inWidth + reach[1]],
    )
    const turned = tf.reshape(tf.reverse(filter, [0, 1]), [info.filterHeight, info.filterWidth, outChannels, 1])
    const each = tf.depthwiseConv2d(slopes as tf.Tensor4D, turned as tf.Tensor4D, 1, "valid", "NHWC", [
      dilationHeight,
      dilationWidth,
    ])
    const multiplier = outChannels / inChannels
    if (multiplier === 1) return each
    return tf.sum(tf.reshape(each, [batchSize, inHeight, inWidth, inChannels, multiplier]), -1)
  },
}
