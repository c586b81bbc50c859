/** Sums of rows that share an id: the gradient of a gather. */
import { tf } from "../tf.ts"
import type { ComposedKernel, Inputs } from "./kernel.ts"

/**
 * `y[k] = sum of x[i] over all i with ids[i] = k`: the rows are scattered, which adds those that meet. An id outside
 * `0 ... numSegments - 1` belongs to no segment: its rows go to one more, which is cut off, since a scatter checks no bounds.
 */
export const unsortedSegmentSum: ComposedKernel = {
  name: tf.UnsortedSegmentSum,
  compute: ({ x, segmentIds }: Inputs<tf.UnsortedSegmentSumInputs>, { numSegments }: tf.UnsortedSegmentSumAttrs) => {
    const rest = x.shape.slice(segmentIds.rank)
    const ids = tf.reshape(segmentIds, [-1])
    const inside = tf.logicalAnd(
      tf.greaterEqual(ids, tf.scalar(0, "int32")),
      tf.less(ids, tf.scalar(numSegments, "int32")),
    )
    const rows = tf.where(inside, ids, tf.fill(ids.shape, numSegments, "int32"))
    const width = rest.reduce((size, n) => size * n, 1)
    const updates = tf.reshape(x, [ids.size, width])
    const sums = tf.scatterND(tf.reshape(rows, [-1, 1]), updates, [numSegments + 1, width])
    return tf.reshape(tf.slice(sums, [0, 0], [numSegments, width]), [numSegments, ...rest])
  },
}
