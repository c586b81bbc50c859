/** A new axis, with the types of the operands said: a graph doesn't infer them, as the stock kernel wants. */
import { ExpandDims, registerKernel, type TensorInfo, unregisterKernel } from "@tensorflow/tfjs-core"
import { attribute, type TensorFlowBackend, typeNumber } from "../binding.ts"

export const registerExpandDims = (): void => {
  unregisterKernel(ExpandDims, "tensorflow")
  registerKernel({
    kernelName: ExpandDims,
    backendName: "tensorflow",
    kernelFunc: ({ inputs, attrs, backend: given }) => {
      const backend = given as TensorFlowBackend
      const input = inputs["input"] as TensorInfo
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
