/** The gradients of a convolution in three dimensions, frame by frame. The kernels of wasm add to memory that they haven't cleared. */
import { type Tensor, tf } from "../tf.ts"
import type { ComposedKernel, Inputs } from "./kernel.ts"
import { part, spread } from "./window.ts"

type Shape = [number, number, number, number, number]
type Info = tf.backend_util.Conv3DInfo

/** Frames of a film `[n, depth, height, width, channels]`, each a row of numbers, as the rows of an image. */
const rowsOf = (film: Tensor): Tensor => {
  const [n, depth, height, width, channels] = film.shape as Shape
  return tf.reshape(film, [n, depth, 1, height * width * channels])
}
/** Padding of a frame, spelled out. */
const padding = ({ padInfo: { top, bottom, left, right } }: Info) => [
  [0, 0],
  [top, bottom],
  [left, right],
  [0, 0],
]
const slopesOf = (dy: Tensor, { batchSize, outDepth, outHeight, outWidth, outChannels }: Info) =>
  tf.reshape(dy, [batchSize * outDepth, outHeight, outWidth, outChannels])

/** `dw[k]` is the gradient of a plain convolution of the frames that offset `k` of the window sees. */
export const conv3dBackpropFilter: ComposedKernel = {
  name: tf.Conv3DBackpropFilterV2,
  compute: (
    { x, dy }: Inputs<tf.Conv3DBackpropFilterV2Inputs>,
    { strides, pad, filterShape }: tf.Conv3DBackpropFilterV2Attrs,
  ) => {
    const info = tf.backend_util.computeConv3DInfo(x.shape as Shape, filterShape, strides, 1, pad)
    const { batchSize, outDepth, inHeight, inWidth, inChannels, strideDepth, filterDepth } = info
    const film = rowsOf(x)
    const dw = Array.from({ length: filterDepth }, (_, k) => {
      const reach = part(film, [k - info.padInfo.front, 0], [outDepth * strideDepth, 1])
      const frames = tf.stridedSlice(reach, [0, 0, 0, 0], reach.shape, [1, strideDepth, 1, 1])
      return tf.engine().runKernel<Tensor>(
        tf.Conv2DBackpropFilter,
        { x: tf.reshape(frames, [batchSize * outDepth, inHeight, inWidth, inChannels]), dy: slopesOf(dy, info) },
        {
          strides: [info.strideHeight, info.strideWidth],
          pad: padding(info),
          dataFormat: "NHWC",
          filterShape: filterShape.slice(1),
        },
      )
    })
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
    const { batchSize, outDepth, inDepth, inHeight, inWidth, inChannels, strideDepth } = info
    const dx = tf.unstack(filter).map((frame, k) => {
      const frames = tf.engine().runKernel<Tensor>(
        tf.Conv2DBackpropInput,
        { dy: slopesOf(dy, info), filter: frame },
        {
          strides: [info.strideHeight, info.strideWidth],
          pad: padding(info),
          dataFormat: "NHWC",
          inputShape: [batchSize * outDepth, inHeight, inWidth, inChannels],
        },
      )
      const film = tf.reshape(frames, [batchSize, outDepth, 1, inHeight * inWidth * inChannels])
      return part(spread(film, strideDepth, 1), [info.padInfo.front - k, 0], [inDepth, 1])
    })
    return tf.reshape(tf.addN(dx), inputShape)
  },
}
