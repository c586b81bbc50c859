/** The gradients of resized images. */
import { type Tensor, tf } from "../tf.ts"
import type { ComposedKernel, Inputs } from "./kernel.ts"

interface Attributes {
  readonly alignCorners: boolean
  /** Cells are taken at their centres; the library's gradients don't know of it. */
  readonly halfPixelCenters?: boolean
}
/** What a place of the output takes of the places of the input. */
type Weights = (at: number, size: number) => ReadonlyArray<readonly [place: number, weight: number]>

const bilinear: Weights = (at, size) => {
  const low = Math.max(0, Math.floor(at))
  const high = Math.min(size - 1, Math.ceil(at))
  return [
    [low, 1 - (at - low)],
    [high, at - low],
  ]
}

/** `r[i, j]`: what place `i` of the output takes of place `j` of the input, `[to, from]`. */
const matrix = (
  from: number,
  to: number,
  position: (i: number, ratio: number) => number,
  corners: boolean,
  w: Weights,
) => {
  const ratio = corners && to > 1 ? (from - 1) / (to - 1) : from / to
  const values = new Float32Array(to * from)
  for (let i = 0; i < to; i++)
    for (const [j, weight] of w(position(i, ratio), from)) values[i * from + j] = values[i * from + j]! + weight
  return tf.tensor2d(values, [to, from])
}

/** `y = r x c^T` for each channel, so `dx = r^T dy c`: resizing works on rows and columns one after the other. */
const gradient = (dy: Tensor, images: Tensor, matrixOf: (from: number, to: number) => Tensor): Tensor => {
  const [n, height, width, channels] = images.shape as [number, number, number, number]
  const [, rows, columns] = dy.shape as [number, number, number, number]
  const down = tf.matMul(matrixOf(height, rows), tf.reshape(dy, [n, rows, columns * channels]), true)
  const across = tf.matMul(matrixOf(width, columns), tf.reshape(down, [n * height, columns, channels]), true)
  return tf.reshape(across, [n, height, width, channels])
}

export const resizeBilinearGrad: ComposedKernel = {
  name: tf.ResizeBilinearGrad,
  compute: (
    { dy, images }: Inputs<tf.ResizeBilinearGradInputs>,
    { alignCorners, halfPixelCenters = false }: Attributes,
  ) => {
    const position = (i: number, ratio: number) => (halfPixelCenters ? ratio * (i + 0.5) - 0.5 : ratio * i)
    return gradient(dy, images, (from, to) => matrix(from, to, position, alignCorners, bilinear))
  },
}

export const resizeNearestNeighborGrad: ComposedKernel = {
  name: tf.ResizeNearestNeighborGrad,
  compute: (
    { dy, images }: Inputs<tf.ResizeNearestNeighborGradInputs>,
    { alignCorners, halfPixelCenters = false }: Attributes,
  ) => {
    const position = (i: number, ratio: number) => ratio * (halfPixelCenters ? i + 0.5 : i)
    const nearest: Weights = (at, size) => [[Math.min(size - 1, alignCorners ? Math.round(at) : Math.floor(at)), 1]]
    return gradient(dy, images, (from, to) => matrix(from, to, position, alignCorners, nearest))
  },
}
