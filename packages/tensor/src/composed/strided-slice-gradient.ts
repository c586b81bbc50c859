/** The gradient of a slice with strides, which the library lacks. */
import { type Tensor, tf } from "../tf.ts"
import { part, spread } from "./window.ts"

/** Every `stride`-th place from `begin` of an axis of `size` places gets what is there in `dy`, in that order; the others zero. */
const placed = (dy: Tensor, axis: number, begin: number, stride: number, size: number): Tensor => {
  const [before, after] = [dy.shape.slice(0, axis), dy.shape.slice(axis + 1)]
  const count = dy.shape[axis]!
  const area = (shape: ReadonlyArray<number>) => shape.reduce((product, n) => product * n, 1)
  const rows = tf.reshape(stride < 0 ? tf.reverse(dy, axis) : dy, [area(before), count, 1, area(after)])
  const start = stride < 0 ? begin + (count - 1) * stride : begin
  const all = part(spread(rows, Math.abs(stride), 1), [-start, 0], [size, 1])
  return tf.reshape(all, [...before, size, ...after])
}

export const stridedSliceGradient: tf.GradConfig = {
  kernelName: tf.StridedSlice,
  inputsToSave: ["x"],
  gradFunc: (dy, saved, attributes) => {
    const [x] = saved as [Tensor]
    const given = attributes as unknown as tf.StridedSliceAttrs
    const { begin, end, strides } = tf.slice_util.sliceInfo(
      x.shape,
      given.begin,
      given.end,
      given.strides,
      given.beginMask,
      given.endMask,
      given.ellipsisMask,
      given.newAxisMask,
      given.shrinkAxisMask,
    )
    const taken = begin.map((first, axis) => Math.max(0, Math.ceil((end[axis]! - first) / strides[axis]!)))
    const slopes = tf.reshape(dy as Tensor, taken) // with the axes that were dropped, without those that were added
    return {
      x: () =>
        slopes.size === 0
          ? tf.zerosLike(x)
          : x.shape.reduce((all, size, axis) => placed(all, axis, begin[axis]!, strides[axis]!, size), slopes),
    }
  },
}
