/** Films `[n, depth, height, width, channels]`: the frames that one offset of a window sees, and its reverse. */
import { type Tensor, tf } from "../tf.ts"
import { part, spread } from "./window.ts"

/** What computations know of a film and a window over it. */
export type FilmInfo = tf.backend_util.Conv3DInfo

const areaOf = ({ inHeight, inWidth, inChannels }: FilmInfo) => inHeight * inWidth * inChannels

/** Frame `i * stride + k - front` for each place `i` of the output's depth, `outside` beyond the film: `[n * outDepth, height, width, channels]`. */
export const frames = (film: Tensor, info: FilmInfo, k: number, outside = 0): Tensor => {
  const { batchSize, inDepth, outDepth, strideDepth, padInfo } = info
  const rows = tf.reshape(film, [batchSize, inDepth, 1, areaOf(info)])
  const reach = part(rows, [k - padInfo.front, 0], [outDepth * strideDepth, 1], outside)
  const seen = tf.stridedSlice(reach, [0, 0, 0, 0], reach.shape, [1, strideDepth, 1, 1])
  return tf.reshape(seen, [batchSize * outDepth, info.inHeight, info.inWidth, info.inChannels])
}

/** Such frames at their places in a film of zeros, `[n, depth, 1, height * width * channels]`. */
export const framesTo = (frames: Tensor, info: FilmInfo, k: number): Tensor => {
  const rows = tf.reshape(frames, [info.batchSize, info.outDepth, 1, areaOf(info)])
  return part(spread(rows, info.strideDepth, 1), [info.padInfo.front - k, 0], [info.inDepth, 1])
}
