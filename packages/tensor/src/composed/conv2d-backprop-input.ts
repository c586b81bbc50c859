/** The gradient of a convolution to its image. */
import { type Tensor, tf } from "../tf.ts"
import type { ComposedKernel, Inputs } from "./kernel.ts"
import { part, spread } from "./window.ts"

/**
 * `dx[n, y, x] = sum over u, v of dy[n, (y + top - u) / s, (x + left - v) / s] w[u, v]^T`, where the quotients are whole: the
 * convolution of `dy`, spread by the stride, with the filter turned round. The kernel of wasm took 1.5 to 7 times as long, by shape.
 */
export const conv2dBackpropInput: ComposedKernel = {
  name: tf.Conv2DBackpropInput,
  compute: (
    inputs: Inputs<tf.Conv2DBackpropInputInputs>,
    { strides, pad, dataFormat, dimRoundingMode, inputShape }: tf.Conv2DBackpropInputAttrs,
  ) => {
    const first = dataFormat === "NCHW"
    const [n, b, c, d] = inputShape
    const shape: typeof inputShape = first ? [n, c, d, b] : inputShape
    const given = first ? tf.transpose(inputs.dy, [0, 2, 3, 1]) : inputs.dy
    const sides: typeof pad = first && typeof pad === "object" ? [pad[0], pad[2], pad[3], pad[1]] : pad
    const filterShape = inputs.filter.shape as [number, number, number, number]
    const info = tf.backend_util.computeConv2DInfo(shape, filterShape, strides, 1, sides, dimRoundingMode)
    const fits = given.shape[1] === info.outHeight && given.shape[2] === info.outWidth
    const dy = fits ? given : part(given, [0, 0], [info.outHeight, info.outWidth]) // as the library does
    const reach = [info.filterHeight - 1, info.filterWidth - 1] as const
    const slopes: Tensor = part(
      spread(dy, info.strideHeight, info.strideWidth),
      [info.padInfo.top - reach[0], info.padInfo.left - reach[1]],
      [info.inHeight + reach[0], info.inWidth + reach[1]],
    )
    const turned = tf.transpose(tf.reverse(inputs.filter, [0, 1]), [0, 1, 3, 2])
    const dx = tf.conv2d(slopes as tf.Tensor4D, turned as tf.Tensor4D, 1, "valid")
    return first ? tf.transpose(dx, [0, 3, 1, 2]) : dx
  },
}
