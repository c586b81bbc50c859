/** Broadcasting, and what needn't be computed. */
import { Add, Cast, clone, type DataType, Reshape, tensor1d, util } from "@tensorflow/tfjs-core"
import { attribute } from "../binding.ts"
import { fast, reshaped, rows, T } from "./fast.ts"

const nhwc = attribute.string("data_format", "NHWC")

export const shapeKernels = [
  fast<"x", { readonly shape: Array<number> }>(
    Reshape,
    "nothing to do where the shape stays: gradients ask for that all the time",
    (call) => (util.arraysEqual(call.inputs.x.shape, call.attributes.shape) ? clone(call.inputs.x) : call.replaced()),
  ),
  fast<"x", { readonly dtype: DataType }>(Cast, "nothing to do where the type stays", (call) =>
    call.inputs.x.dtype === call.attributes.dtype ? clone(call.inputs.x) : call.replaced(),
  ),
  fast<"a" | "b">(Add, "a bias of the last axis is BiasAdd, which graphs fuse with what precedes", (call) => {
    const { a, b } = call.inputs
    const isBias = b.rank === 1 && a.rank > 1 && b.size === a.shape.at(-1)
    return isBias && a.dtype === "float32" && b.dtype === "float32"
      ? call.op("BiasAdd", [T, nhwc], a, b)
      : call.replaced()
  }),
  fast<"x", { readonly shape: Array<number> }>(
    "RelentSpread",
    "a broadcast instead of a product with ones from the host",
    (call) =>
      call.op(
        "BroadcastTo",
        [T, attribute.type("Tidx", "int32")],
        call.inputs.x,
        tensor1d(call.attributes.shape, "int32"),
      ),
  ),
  fast<"x", { readonly shape: Array<number> }>("RelentBiasGrad", "one operation, without axes from the host", (call) =>
    reshaped(call, call.op("BiasAddGrad", [T, nhwc], rows(call, call.inputs.x)), call.attributes.shape),
  ),
]
