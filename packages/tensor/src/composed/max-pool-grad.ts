/**
 * The gradient of maximum pooling. The kernel of wasm loses it, or gives it to the wrong cell, where a maximum isn't positive: it looks
 * for one from the smallest positive number on. Ours takes about nine times as long.
 */
import { type Tensor, tf } from "../tf.ts"
import type { ComposedKernel, Inputs } from "./kernel.ts"
import { part, seen, spread } from "./window.ts"

type Info = tf.backend_util.Conv2DInfo
/** For each offset of the window, row by row, numbers for each place of the output. */
type Offsets = ReadonlyArray<ReadonlyArray<Tensor>>

/** Put side by side: where windows don't overlap. */
const tiled = (
  slopes: Offsets,
  { batchSize, outHeight, outWidth, filterHeight, filterWidth, inChannels }: Info,
): Tensor => {
  const rows = slopes.map((row) =>
    tf.reshape(tf.concat([...row], 3), [batchSize, outHeight, 1, outWidth * filterWidth * inChannels]),
  )
  return tf.reshape(tf.concat(rows, 2), [batchSize, outHeight * filterHeight, outWidth * filterWidth, inChannels])
}

/** Added up, each at its places. */
const laid = (
  slopes: Offsets,
  { outHeight, outWidth, strideHeight, strideWidth, filterHeight, filterWidth }: Info,
): Tensor => {
  const size = [(outHeight - 1) * strideHeight + filterHeight, (outWidth - 1) * strideWidth + filterWidth] as const
  return tf.addN(
    slopes.flatMap((row, u) => row.map((dy, v) => part(spread(dy, strideHeight, strideWidth), [-u, -v], size))),
  )
}

/**
 * `dx[y, x] = sum over the windows whose maximum is at y, x of dy`: for each offset of the window, where what it sees is the maximum
 * and no offset before it was. The first maximum takes it all, as in TensorFlow.
 */
export const maxPoolGrad: ComposedKernel = {
  name: tf.MaxPoolGrad,
  compute: (
    { dy, input, output }: Inputs<tf.MaxPoolGradInputs>,
    { filterSize, strides, pad, dimRoundingMode }: tf.MaxPoolGradAttrs,
  ) => {
    const shape = input.shape as [number, number, number, number]
    const info = tf.backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode)
    let rest = dy
    const slopes = seen(input, info, -Infinity).map((row) =>
      row.map((image) => {
        const taken = tf.mul(rest, tf.cast(tf.equal(image, output), "float32"))
        rest = tf.sub(rest, taken)
        return taken
      }),
    )
    const apart = info.strideHeight === info.filterHeight && info.strideWidth === info.filterWidth
    const dx = (apart ? tiled : laid)(slopes, info)
    return part(dx, [info.padInfo.top, info.padInfo.left], [info.inHeight, info.inWidth])
  },
}
