/** The gradient of a depthwise convolution to its filter. */
import { tf } from "../tf.ts"
import type { ComposedKernel, Inputs } from "./kernel.ts"
import { seen } from "./window.ts"

/** `dw[u, v, c, m] = sum over n, i, j of x[n, i s + u d - top, j s + v d - left, c] dy[n, i, j, c m]` */
export const depthwiseBackpropFilter: ComposedKernel = {
  name: tf.DepthwiseConv2dNativeBackpropFilter,
  compute: (
    { x, dy }: Inputs<tf.DepthwiseConv2dNativeBackpropFilterInputs>,
    { strides, dilations, pad, dimRoundingMode, filterShape }: tf.DepthwiseConv2dNativeBackpropFilterAttrs,
  ) => {
    const shape = x.shape as [number, number, number, number]
    const info = tf.backend_util.computeConv2DInfo(shape, filterShape, strides, dilations, pad, dimRoundingMode, true)
    const places = info.batchSize * info.outHeight * info.outWidth
    const slopes = tf.reshape(dy, [places, info.inChannels, info.outChannels / info.inChannels])
    const each = tf.ones([1, places]) // a product with it is a sum over places
    const offsets = seen(x, info).flat()
    const sums = offsets.map((image) => {
      const products = tf.mul(tf.reshape(image, [places, info.inChannels, 1]), slopes)
      return tf.matMul(each, tf.reshape(products, [places, info.outChannels]))
    })
    return tf.reshape(tf.concat(sums, 0), filterShape)
  },
}
