/** The gradient of maximum pooling. */
import { type Tensor, tf } from "../tf.ts"
import type { ComposedKernel, Inputs } from "./kernel.ts"
import { part, seen, spread } from "./window.ts"

/**
 * `dx[y, x] = sum over the windows whose maximum is at y, x of dy`: for each offset of the window, where what it sees is the maximum
 * and no offset before it was. The first maximum takes it all, as in TensorFlow. The kernel of wasm takes zero for the first
 * maximum of a window that begins in the padding, so that negative ones get no gradient.
 */
export const maxPoolGrad: ComposedKernel = {
  name: tf.MaxPoolGrad,
  compute: (
    { dy, input, output }: Inputs<tf.MaxPoolGradInputs>,
    { filterSize, strides, pad, dimRoundingMode }: tf.MaxPoolGradAttrs,
  ) => {
    const shape = input.shape as [number, number, number, number]
    const info = tf.backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode)
    const { strideHeight, strideWidth, padInfo } = info
    const size = [
      (info.outHeight - 1) * strideHeight + info.filterHeight,
      (info.outWidth - 1) * strideWidth + info.filterWidth,
    ] as const
    let free: Tensor = tf.ones(dy.shape, "bool")
    let dx: Tensor = tf.zeros([shape[0], ...size, shape[3]])
    for (const [u, row] of seen(input, info, -Infinity).entries())
      for (const [v, image] of row.entries()) {
        const taken = tf.logicalAnd(tf.equal(image, output), free)
        free = tf.logicalAnd(free, tf.logicalNot(taken))
        const slopes = tf.mul(dy, tf.cast(taken, "float32"))
        dx = tf.add(dx, part(spread(slopes, strideHeight, strideWidth), [-u, -v], size))
      }
    return part(dx, [padInfo.top, padInfo.left], [info.inHeight, info.inWidth])
  },
}
