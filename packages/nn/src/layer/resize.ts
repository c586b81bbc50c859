/** Images of another size: `[members, batch, height, width, channels]`. */
import { type Tensor, tf } from "@relent/tensor"
import { asOneBatch } from "./members.ts"

export type Interpolation = "nearest" | "bilinear"

/**
 * What each pixel takes of each old one along an axis, `[to, from]`, row-major. Pixels are areas: the middle of pixel i lies at
 * (i + 1/2) from / to of the old axis.
 */
const takes = (from: number, to: number, interpolation: Interpolation): Float32Array => {
  const weights = new Float32Array(to * from)
  const give = (i: number, j: number, weight: number) => {
    weights[i * from + Math.min(from - 1, Math.max(0, j))]! += weight
  }
  for (let i = 0; i < to; i++) {
    if (interpolation === "nearest") give(i, Math.floor((i * from) / to), 1)
    else {
      const at = Math.max(0, ((i + 0.5) * from) / to - 0.5)
      const before = Math.floor(at)
      give(i, before, before + 1 - at)
      give(i, before + 1, at - before)
    }
  }
  return weights
}

/** Every pixel `by` times along both axes of `[rows, height, width, channels]`. */
const repeated = (x: Tensor, down: number, right: number): Tensor => {
  const [rows, height, width, channels] = x.shape as [number, number, number, number]
  const pixels = tf.reshape(x, [rows * height, 1, width, 1, channels])
  const copies = tf.mul(pixels, tf.ones([1, down, 1, right, 1]))
  return tf.reshape(copies, [rows, height * down, width * right, channels])
}

/** The product with `takes` along one axis of two: `[rows, to, rest]` from `[rows, from, rest]`. */
const along = (x: Tensor, to: number, interpolation: Interpolation): Tensor => {
  const [rows, from, rest] = x.shape as [number, number, number]
  const matrix = tf.tensor2d(takes(from, to, interpolation), [to, from])
  const columns = tf.reshape(tf.transpose(x, [1, 0, 2]), [from, rows * rest])
  return tf.transpose(tf.reshape(tf.matMul(matrix, columns), [to, rows, rest]), [1, 0, 2])
}

const resized = (x: Tensor, [height, width]: readonly [number, number], interpolation: Interpolation): Tensor => {
  const [rows, h, w, channels] = x.shape as [number, number, number, number]
  if (interpolation === "nearest" && height % h === 0 && width % w === 0) return repeated(x, height / h, width / w)
  const tall = h === height ? x : along(tf.reshape(x, [rows, h, w * channels]), height, interpolation)
  if (w === width) return tf.reshape(tall, [rows, height, w, channels])
  return tf.reshape(along(tf.reshape(tall, [rows * height, w, channels]), width, interpolation), [
    rows,
    height,
    width,
    channels,
  ])
}

/**
 * The images with `size` [height, width], larger or smaller: `nearest` takes the pixel that floor(i old / new) names, `bilinear` weighs
 * the two nearest of each axis (pixels are areas, edges are repeated; when made smaller it doesn't average what lies between). Both are
 * products with constant matrices, since the library's own bilinear gradient doesn't know that pixels are areas.
 */
export const resize = (x: Tensor, size: readonly [number, number], interpolation: Interpolation = "nearest"): Tensor =>
  asOneBatch(x, (x) => resized(x, size, interpolation))
