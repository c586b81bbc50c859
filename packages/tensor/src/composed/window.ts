/** Rows and columns of images `[n, height, width, channels]`: parts of them, and zeros between. */
import { type Tensor, tf } from "../tf.ts"

type Pair = readonly [number, number]

const grown = (x: Tensor, rows: Pair, columns: Pair, outside: number): Tensor =>
  [...rows, ...columns].every((n) => n === 0) ? x : tf.pad(x, [[0, 0], [...rows], [...columns], [0, 0]], outside)

/** The part of an image, continued by `outside` on all sides, that begins at `start` (negative: above or left of it). */
export const part = (x: Tensor, start: Pair, size: Pair, outside = 0): Tensor => {
  const [n, height, width, channels] = x.shape as [number, number, number, number]
  const before = [Math.max(0, -start[0]), Math.max(0, -start[1])] as const
  const after = [Math.max(0, start[0] + size[0] - height), Math.max(0, start[1] + size[1] - width)] as const
  const all = grown(x, [before[0], after[0]], [before[1], after[1]], outside)
  return tf.slice(all, [0, start[0] + before[0], start[1] + before[1], 0], [n, ...size, channels])
}

/** `by - 1` zeros after each of `count` blocks of `size` numbers. */
const apart = (x: Tensor, count: number, size: number, by: number): Tensor =>
  by === 1
    ? x
    : tf.pad(tf.reshape(x, [count, 1, size]), [
        [0, 0],
        [0, by - 1],
        [0, 0],
      ])

/** `stride - 1` rows and columns of zeros after each of an image. */
export const spread = (x: Tensor, strideHeight: number, strideWidth: number): Tensor => {
  const [n, height, width, channels] = x.shape as [number, number, number, number]
  const columns = apart(x, n * height * width, channels, strideWidth)
  const rows = apart(columns, n * height, width * strideWidth * channels, strideHeight)
  return tf.reshape(rows, [n, height * strideHeight, width * strideWidth, channels])
}
