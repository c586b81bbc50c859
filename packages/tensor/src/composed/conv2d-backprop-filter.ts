/** The gradient of a convolution to its filter. */
import { type Tensor, tf } from "../tf.ts"
import type { ComposedKernel, Inputs } from "./kernel.ts"
import { seen } from "./window.ts"

/**
 * `dw[u, v] = sum over n, i, j of x[n, i s + u - top, j s + v - left]^T dy[n, i, j]`: for each row of the filter one product of
 * what its offsets see, side by side, with `dy`.
 */
export const conv2dBackpropFilter: ComposedKernel = {
  name: tf.Conv2DBackpropFilter,
  compute: (
    inputs: Inputs<tf.Conv2DBackpropFilterInputs>,
    { strides, pad, dataFormat, dimRoundingMode, filterShape }: tf.Conv2DBackpropFilterAttrs,
  ) => {
    const channelsLast = (image: Tensor) => (dataFormat === "NCHW" ? tf.transpose(image, [0, 2, 3, 1]) : image)
    const [x, dy] = [channelsLast(inputs.x), channelsLast(inputs.dy)]
    const shape = x.shape as [number, number, number, number]
    const info = tf.backend_util.computeConv2DInfo(shape, filterShape, strides, 1, pad, dimRoundingMode)
    const places = info.batchSize * info.outHeight * info.outWidth
    const slopes = tf.reshape(dy, [places, info.outChannels])
    const rows = seen(x, info).map((row) => {
      const columns = tf.reshape(tf.concat([...row], 3), [places, info.filterWidth * info.inChannels])
      return tf.matMul(columns, slopes, true)
    })
    return tf.reshape(tf.concat(rows, 0), filterShape)
  },
}
