/** Padding of many axes, one after the other. */
import { type Tensor, tf } from "../tf.ts"
import type { ComposedKernel, Inputs } from "./kernel.ts"

const product = (sizes: ReadonlyArray<number>) => sizes.reduce((size, n) => size * n, 1)

/** Each axis is padded as the middle one of three: of what is before it, itself, and what is behind it. */
export const pad: ComposedKernel = {
  name: tf.PadV2,
  compute: ({ x }: Inputs<tf.PadV2Inputs>, { paddings, constantValue }: tf.PadV2Attrs) =>
    paddings.reduce((now: Tensor, [before, after], axis) => {
      if (before === 0 && after === 0) return now
      const [outer, inner] = [now.shape.slice(0, axis), now.shape.slice(axis + 1)]
      const n = now.shape[axis]!
      const rows = tf.reshape(now, [product(outer), n, product(inner)])
      const around: Array<[number, number]> = [
        [0, 0],
        [before, after],
        [0, 0],
      ]
      return tf.reshape(tf.pad(rows, around, constantValue), [...outer, before + n + after, ...inner])
    }, tf.clone(x)),
}

/** For more axes than WebGPU's vectors have. */
export const isWide = (attributes: object): boolean => (attributes as tf.PadV2Attrs).paddings.length > 4
