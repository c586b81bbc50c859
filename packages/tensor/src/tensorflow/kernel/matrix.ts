/** Products of matrices, alone and in a dense layer. */
import { BatchMatMul, type Tensor } from "@tensorflow/tfjs-core"
import { attribute } from "../binding.ts"
import { type Call, fast, reshaped, T } from "./fast.ts"

interface Transposed {
  readonly transposeA?: boolean
  readonly transposeB?: boolean
}

/** Whether it holds one matrix of floats. */
const isOne = ({ shape, dtype }: Tensor) => dtype === "float32" && shape.slice(0, -2).every((n) => n === 1)
const matrix = (call: Pick<Call<never, {}>, "op">, x: Tensor) => reshaped(call, x, x.shape.slice(-2))

const product = (
  { op }: Pick<Call<never, {}>, "op">,
  a: Tensor,
  b: Tensor,
  { transposeA = false, transposeB = false }: Transposed = {},
) => op("MatMul", [T, attribute.bool("transpose_a", transposeA), attribute.bool("transpose_b", transposeB)], a, b)

const batchMatMul = fast<"a" | "b", Transposed>(
  BatchMatMul,
  "one product of two matrices is MatMul, which graphs fuse with what follows",
  (call) => {
    const { a, b } = call.inputs
    if (!isOne(a) || !isOne(b)) return call.replaced()
    const out = product(call, matrix(call, a), matrix(call, b), call.attributes)
    const lead = a.shape.length > b.shape.length ? a.shape : b.shape
    return reshaped(call, out, [...lead.slice(0, -2), ...out.shape])
  },
)

const activations = { linear: undefined, relu: "Relu", tanh: "Tanh", sigmoid: "Sigmoid" } as const

const dense = fast<"x" | "weight" | "bias", { readonly activation: keyof typeof activations }>(
  "RelentDense",
  "MatMul, BiasAdd and activation on matrices: what graphs fuse into one operation",
  (call) => {
    const { inputs, attributes, op } = call
    const { x, weight, bias } = inputs
    const activation = activations[attributes.activation]
    const after = (y: Tensor) => (activation === undefined ? y : op(activation, [T], y))
    const outputs = weight.shape.at(-1)!
    const lead = x.shape.length > weight.shape.length ? x.shape : weight.shape
    if (isOne(x) && isOne(weight) && bias.size === outputs) {
      const sums = product(call, matrix(call, x), matrix(call, weight))
      const y = op("BiasAdd", [T, attribute.string("data_format", "NHWC")], sums, reshaped(call, bias, [outputs]))
      return reshaped(call, after(y), [...lead.slice(0, -2), ...y.shape])
    }
    const adjoint = [attribute.bool("adj_x", false), attribute.bool("adj_y", false)]
    return after(op("AddV2", [T], op("BatchMatMulV2", [T, ...adjoint], x, weight), bias))
  },
)

export const matrixKernels = [batchMatMul, dense]
