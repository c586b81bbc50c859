/** The gradients of a convolution in three dimensions, frame by frame. The kernels of wasm give other numbers than the reference for most shapes. */
import { type Tensor, tf } from "../tf.ts"
import { type FilmInfo, frames, framesTo } from "./film.ts"
import type { ComposedKernel, Inputs } from "./kernel.ts"

type Shape = [number, number, number, number, number]

/** A plain convolution of frames. */
const plain = ({ strideHeight, strideWidth, padInfo: { top, bottom, left, right } }: FilmInfo) => ({
  strides: [strideHeight, strideWidth],
  pad: [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ],
  dataFormat: "NHWC",
})
const slopesOf = (dy: Tensor, { batchSize, outDepth, outHeight, outWidth, outChannels }: FilmInfo) =>
  tf.reshape(dy, [batchSize * outDepth, outHeight, outWidth, outChannels])

/** `dw[k]` is the gradient of a plain convolution of the frames that offset `k` of the window sees. */
export const conv3dBackpropFilter: ComposedKernel = {
  name: tf.Conv3DBackpropFilterV2,
  compute: (
    { x, dy }: Inputs<tf.Conv3DBackpropFilterV2Inputs>,
    { strides, pad, filterShape }: tf.Conv3DBackpropFilterV2Attrs,
  ) => {
    const info = tf.backend_util.computeConv3DInfo(x.shape as Shape, filterShape, strides, 1, pad)
    const dw = Array.from({ length: info.filterDepth }, (_, k) =>
      tf
        .engine()
        .runKernel<Tensor>(
          tf.Conv2DBackpropFilter,
          { x: frames(x, info, k), dy: slopesOf(dy, info) },
          { ...plain(info), filterShape: filterShape.slice(1) },
        ),
    )
    return tf.stack(dw)
  },
}

/** Each frame of the filter gives gradients to the frames that it saw; they are added. */
export const conv3dBackpropInput: ComposedKernel = {
  name: tf.Conv3DBackpropInputV2,
  compute: (
    { dy, filter }: Inputs<tf.Conv3DBackpropInputV2Inputs>,
    { strides, pad, inputShape }: tf.Conv3DBackpropInputV2Attrs,
  ) => {
    const info = tf.backend_util.computeConv3DInfo(inputShape, filter.shape as Shape, strides, 1, pad)
    const { batchSize, outDepth, inHeight, inWidth, inChannels } = info
    const dx = tf.unstack(filter).map((frame, k) => {
      const slopes = tf
        .engine()
        .runKernel<Tensor>(
          tf.Conv2DBackpropInput,
          { dy: slopesOf(dy, info), filter: frame },
          { ...plain(info), inputShape: [batchSize * outDepth, inHeight, inWidth, inChannels] },
        )
      return framesTo(slopes, info, k)
    })
    return tf.reshape(tf.addN(dx), inputShape)
  },
}
