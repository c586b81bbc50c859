/** What TensorFlow has of ours. */
import type { Override } from "../../override.ts"
import type { TensorFlowBackend } from "../binding.ts"
import { AdamKernel } from "../../op/adam.ts"
import { activationKernels } from "./activation.ts"
import { registerAdam } from "./adam.ts"
import { registerDepthwise } from "./depthwise.ts"
import { registerExpandDims } from "./expand-dims.ts"
import { gatherKernels } from "./gather.ts"
import { matrixKernels } from "./matrix.ts"
import { registerRound } from "./round.ts"
import { shapeKernels } from "./shape.ts"
import { crossEntropyKernels, softmaxKernels } from "./softmax.ts"

export const tensorflowKernels: ReadonlyArray<Override<TensorFlowBackend>> = [
  ...matrixKernels,
  ...activationKernels,
  ...softmaxKernels,
  ...crossEntropyKernels,
  ...shapeKernels,
  ...gatherKernels,
  {
    kernel: AdamKernel,
    why: "one operation, which changes the variables of a recorded step in place",
    register: registerAdam,
  },
  {
    kernel: "ExpandDims",
    why: "a graph wants the types that the stock kernel leaves out",
    register: registerExpandDims,
  },
  {
    kernel: "DepthwiseConv2dNative",
    why: "the stock kernel has no dilation on a processor",
    register: registerDepthwise,
  },
  { kernel: "Round", why: "the stock kernel gives zeros for whole numbers", register: registerRound },
]

/** Registers them, on CUDA those that give the same bits every time. Once a process. */
export const registerKernels = (backend: TensorFlowBackend): void => {
  const left = new Set<unknown>(backend.binding.isUsingGpuDevice() ? crossEntropyKernels : [])
  for (const kernel of tensorflowKernels) if (!left.has(kernel)) kernel.register(backend)
}
