/** Kernels of raw TensorFlow operations. They read no values, so that they can be recorded. */
import {
  getKernel,
  type KernelFunc,
  registerKernel,
  tensor1d,
  type Tensor,
  type TensorInfo,
  tidy,
  unregisterKernel,
} from "@tensorflow/tfjs-core"
import type { Override } from "../../override.ts"
import { type Attribute, attribute, type TensorFlowBackend } from "../binding.ts"

/** What a kernel is given. */
export interface Call<Name extends string, Attributes> {
  /** Tensors, as the engine passes them. */
  readonly inputs: { readonly [name in Name]: Tensor }
  readonly attributes: Attributes
  /** One operation with one output. */
  readonly op: (name: string, attributes: ReadonlyArray<Attribute>, ...inputs: ReadonlyArray<TensorInfo>) => Tensor
  /** One operation with several. */
  readonly ops: (
    outputs: number,
    name: string,
    attributes: ReadonlyArray<Attribute>,
    ...inputs: ReadonlyArray<TensorInfo>
  ) => ReadonlyArray<Tensor>
  /** What the kernel of this name did before, with other inputs if they are given. */
  readonly replaced: (inputs?: { readonly [name in Name]: Tensor }) => Tensor
}

/** A kernel of TensorFlow's operations; what it makes besides its outputs is disposed of. */
export const fast = <Name extends string, Attributes = {}>(
  kernelName: string,
  why: string,
  compute: (call: Call<Name, Attributes>) => TensorInfo | ReadonlyArray<TensorInfo>,
): Override<TensorFlowBackend> => ({
  kernel: kernelName,
  why,
  register: (backend) => {
    const before = getKernel(kernelName, "tensorflow") as { readonly kernelFunc: KernelFunc } | undefined
    if (before !== undefined) unregisterKernel(kernelName, "tensorflow")
    registerKernel({
      kernelName,
      backendName: "tensorflow",
      kernelFunc: ({ inputs, attrs }) =>
        tidy(
          () =>
            compute({
              inputs: inputs as unknown as Call<Name, Attributes>["inputs"],
              attributes: attrs as unknown as Attributes,
              op: (name, attributes, ...given) => backend.executeSingleOutput(name, attributes, given) as Tensor,
              ops: (outputs, name, attributes, ...given) =>
                backend.executeMultipleOutputs(name, attributes, given, outputs) as ReadonlyArray<Tensor>,
              replaced: (given) =>
                before!.kernelFunc({
                  inputs: given ?? inputs,
                  backend,
                  attrs: attrs!,
                }) as Tensor,
            }) as Tensor,
        ),
    })
  },
})

/** The type of float32 operands. */
export const T = attribute.type("T")

/** A tensor's elements in another shape. */
export const reshaped = ({ op }: Pick<Call<never, {}>, "op">, x: Tensor, shape: ReadonlyArray<number>): Tensor =>
  x.shape.length === shape.length && x.shape.every((n, axis) => n === shape[axis])
    ? x
    : op("Reshape", [attribute.type("T", x.dtype), attribute.type("Tshape", "int32")], x, tensor1d([...shape], "int32"))

/** Rows along the last axis: `[n, width]` of `[..., width]`. */
export const rows = (call: Pick<Call<never, {}>, "op">, x: Tensor): Tensor => {
  const width = x.shape.at(-1)!
  return reshaped(call, x, [width === 0 ? 0 : x.size / width, width])
}
