/** A new axis, with the types of the operands said: a graph doesn't infer them, as the stock kernel wants. */
import { ExpandDims, getKernel, registerKernel, type TensorInfo, unregisterKernel } from "@tensorflow/tfjs-core"
import { attribute, type TensorFlowBackend, typeNumber } from "../binding.ts"

export const registerExpandDims = (): void => {
  const stock = getKernel(ExpandDims, "tensorflow")
  unregisterKernel(ExpandDims, "tensorflow")
  registerKernel({
    ...stock,
    kernelFunc: (call) => {
      const { inputs, attrs } = call
      const backend = call.backend as TensorFlowBackend
      const input = inputs["input"] as TensorInfo
      if (input.dtype === "string") return stock.kernelFunc(call) // no recorded step has strings
      const axis = backend.binding.createTensor(
        [],
        typeNumber.int32,
        Int32Array.of((attrs as unknown as { dim: number }).dim),
      )
      const ids = [backend.getInputTensorIds([input])[0]!, axis]
      const attributes = [attribute.type("T", input.dtype), attribute.type("Tdim", "int32")]
      const [made] = backend.binding.executeOp(ExpandDims, attributes, ids, 1)
      backend.binding.deleteTensor(axis)
      return backend.createOutputTensor(made!)
    },
  })
}
