/** Rows by number, and sums of rows by number. */
import { SumByIdsKernel } from "../../op/embedding.ts"
import { tf } from "../../tf.ts"
import type { Machine } from "../machine.ts"
import { areFloats, FLOAT, float, inOrder, type OwnKernel, type Place, type Shaped, sizeOf } from "../own.ts"
import { Cost, overParts } from "../share.ts"

type Attributes = Omit<tf.GatherV2Attrs, "batchDims"> & { readonly batchDims?: number }

const infoOf = (x: Shaped, indices: Shaped, { axis, batchDims = 0 }: Attributes) => {
  const [along] = tf.util.parseAxisParam(axis, x.shape) as [number]
  return tf.backend_util.segment_util.collectGatherOpShapeInfo(
    x as unknown as tf.TensorInfo,
    indices as unknown as tf.TensorInfo,
    along,
    batchDims,
  )
}
const isWord = ({ dtype }: Shaped) => dtype === "float32" || dtype === "int32"

/** Refuses numbers that aren't there to gather. */
const within = (machine: Machine, { address, shape }: Place, size: number) => {
  const count = sizeOf(shape)
  return () => {
    for (const index of machine.integers(address, count))
      tf.util.assert(
        index >= 0 && index < size,
        () => `${tf.GatherV2}: the index value ${index} is not in [0, ${size - 1}]`,
      )
  }
}

export const gather: OwnKernel<"x" | "indices", Attributes> = {
  kernel: tf.GatherV2,
  why: "the stock kernel copies all indices first, and then moves one number after the other",
  outputs: ({ x, indices }, attributes) => {
    const known = isWord(x) && indices.dtype === "int32" && (attributes.batchDims ?? 0) === 0
    return known ? [{ shape: infoOf(x, indices, attributes).outputShape, dtype: x.dtype }] : undefined
  },
  bind: (machine, { x, indices }, [out], attributes) => {
    const { outerSize, dimSize, sliceSize } = infoOf(x, indices, attributes)
    const [ids, bytes] = [sizeOf(indices.shape), sliceSize * FLOAT]
    const cost = sizeOf(out!.shape) * Cost.moved
    const copied =
      outerSize === 1
        ? overParts(machine, { count: ids, cost }, (at, count) => {
            return ["gather", x.address, at(indices), at(out!), 1, dimSize, count, bytes]
          })
        : overParts(machine, { count: outerSize, cost }, (at, outer) => {
            return ["gather", at(x), indices.address, at(out!), outer, dimSize, ids, bytes]
          })
    return inOrder([within(machine, indices, dimSize), copied])
  },
}

const summed = (machine: Machine, x: Place, ids: Place, out: Place): (() => void) => {
  const [count, segments] = [sizeOf(ids.shape), out.shape[0]!]
  const width = sizeOf(out.shape.slice(1))
  const cost = count * width * Cost.moved
  return machine.share({ count: width, grain: 16, cost }, (from, to) => {
    return ["sumByIds", x.address, ids.address, out.address, count, width, segments, from, to]
  })
}

export const sumByIds: OwnKernel<"x" | "ids", { readonly rows: number }> = {
  kernel: SumByIdsKernel,
  why: "rows are added where they belong, instead of a product with a matrix of zeros and ones",
  outputs: ({ x }, { rows }) => [float([rows, x.shape.at(-1)!])],
  bind: (machine, { x, ids }, [out]) => summed(machine, x, ids, out!),
}

export const unsortedSegmentSum: OwnKernel<"x" | "segmentIds", tf.UnsortedSegmentSumAttrs> = {
  kernel: tf.UnsortedSegmentSum,
  why: "the library has none: rows are added in their order",
  outputs: ({ x, segmentIds }, { numSegments }) =>
    areFloats(x) ? [float([numSegments, ...x.shape.slice(segmentIds.shape.length)])] : undefined,
  bind: (machine, { x, segmentIds }, [out]) => summed(machine, x, segmentIds, out!),
}
