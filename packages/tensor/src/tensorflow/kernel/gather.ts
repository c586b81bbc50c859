/** Rows by number. */
import { backend_util, type DataType, GatherV2, scalar, type Tensor } from "@tensorflow/tfjs-core"
import { Data } from "effect"
import { attribute } from "../binding.ts"
import { fast, reshaped, rows, T } from "./fast.ts"

interface Gather {
  readonly axis: number
  readonly batchDims: number
}

/** An index that names no row. */
class IndexOutside extends Data.TaggedError("IndexOutside")<{ readonly message: string }> {}

const outside = /= (-?\d+) is not in \[0, (\d+)\)/

/** In the words of the library's other backends, where an index is outside. */
const asStock = (f: () => Tensor): Tensor => {
  try {
    return f()
  } catch (thrown) {
    const [, index, size] = outside.exec(String(thrown)) ?? []
    if (index === undefined) throw thrown
    throw new IndexOutside({ message: `GatherV2: the index value ${index} is not in [0, ${Number(size) - 1}]` })
  }
}

export const gatherKernels = [
  fast<"x" | "indices", Gather>(
    GatherV2,
    "the stock kernel reads the indices, to look for those outside: TensorFlow does that itself",
    ({ inputs: { x, indices }, attributes: { axis, batchDims }, op }) => {
      backend_util.segment_util.collectGatherOpShapeInfo(x, indices, axis, batchDims) // refuses what doesn't fit
      const types = { Tparams: x.dtype, Tindices: indices.dtype, Taxis: "int32" } satisfies { [name: string]: DataType }
      const attributes = Object.entries(types).map(([name, dtype]) => attribute.type(name, dtype))
      return asStock(() =>
        op(GatherV2, [attribute.int("batch_dims", batchDims), ...attributes], x, indices, scalar(axis, "int32")),
      )
    },
  ),
  fast<"x" | "ids", { readonly rows: number }>(
    "RelentSumByIds",
    "a sum by segments instead of a product with a one-hot matrix",
    (call) => {
      const types = [T, attribute.type("Tindices", "int32"), attribute.type("Tnumsegments", "int32")]
      const ids = reshaped(call, call.inputs.ids, [call.inputs.ids.size])
      return call.op("UnsortedSegmentSum", types, rows(call, call.inputs.x), ids, scalar(call.attributes.rows, "int32"))
    },
  ),
]
