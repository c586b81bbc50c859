/** Kernels that a backend lacks, composed from those that it has: everything trains on every backend, slowly where it must. */
import { conv2dBackpropFilter } from "./conv2d-backprop-filter.ts"
import { depthwiseBackpropFilter } from "./depthwise-backprop-filter.ts"
import { depthwiseBackpropInput } from "./depthwise-backprop-input.ts"
import { einsum } from "./einsum.ts"
import { type ComposedKernel, registerIfLacking } from "./kernel.ts"
import { unsortedSegmentSum } from "./unsorted-segment-sum.ts"

export { mendAveragePool } from "./avg-pool-grad.ts"
export { mendGeometry } from "./geometry.ts"

const kernels: ReadonlyArray<ComposedKernel> = [
  conv2dBackpropFilter,
  depthwiseBackpropFilter,
  depthwiseBackpropInput,
  einsum,
  unsortedSegmentSum,
]

/** Registers those that the backend lacks. Once a process. */
export const registerComposed = (backendName: string): void => {
  for (const kernel of kernels) registerIfLacking(kernel, backendName)
}
