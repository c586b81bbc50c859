/**
 * The gradient of average pooling at the border. The mean is over the cells inside the image, but the library's own kernels divide
 * the gradient by the whole window, padding included; TensorFlow's is right.
 */
import { type Tensor, tf } from "../tf.ts"

/** How many cells of each window lie inside the image, along one axis. */
const inside = (places: number, size: number, window: number, stride: number, before: number) =>
  Array.from(
    { length: places },
    (_, i) => Math.min(i * stride - before + window, size) - Math.max(i * stride - before, 0),
  )

/** Cells of a window by those of it inside the image, `[1, outHeight, outWidth, 1]`; undefined where no window crosses the border. */
export const shares = (info: tf.backend_util.Conv2DInfo): Tensor | undefined => {
  const { filterHeight, filterWidth, outHeight, outWidth, padInfo } = info
  const rows = inside(outHeight, info.inHeight, filterHeight, info.strideHeight, padInfo.top)
  const columns = inside(outWidth, info.inWidth, filterWidth, info.strideWidth, padInfo.left)
  if (rows.every((n) => n === filterHeight) && columns.every((n) => n === filterWidth)) return undefined
  const values = rows.flatMap((r) => columns.map((c) => (r > 0 && c > 0 ? (filterHeight * filterWidth) / (r * c) : 0)))
  return tf.tensor(values, [1, outHeight, outWidth, 1])
}

/** Puts the gradient right on a backend whose own kernel divides by the whole window. Once a process. */
export const mendAveragePool = (backendName: string): void => {
  const stock = tf.getKernel(tf.AvgPoolGrad, backendName)
  if (!stock) return
  tf.unregisterKernel(tf.AvgPoolGrad, backendName)
  tf.registerKernel({
    ...stock,
    kernelFunc: (given) => {
      const { filterSize, strides, pad } = given.attrs as unknown as tf.AvgPoolGradAttrs
      const { dy, input } = given.inputs as { readonly dy: Tensor; readonly input: Tensor }
      const shape = input.shape as [number, number, number, number]
      const info = tf.backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad)
      const by = shares(info)
      if (by === undefined) return stock.kernelFunc(given)
      const scaled = tf.mul(dy, by)
      const dx = stock.kernelFunc({ ...given, inputs: { input, dy: scaled } })
      tf.dispose([by, scaled])
      return dx
    },
  })
}
