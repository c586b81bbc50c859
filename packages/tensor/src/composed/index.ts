/**
 * Kernels that a backend lacks or has wrong, composed from others: everything trains on every backend, and by the right gradients,
 * slowly where it must.
 */
import { castToBool, isToBool } from "./cast.ts"
import { conv3dBackpropFilter, conv3dBackpropInput } from "./conv3d-gradients.ts"
import { einsum } from "./einsum.ts"
import { type ComposedKernel, registerIfLacking, replace } from "./kernel.ts"
import { isWide, pad } from "./pad.ts"
import { resizeBilinearGrad, resizeNearestNeighborGrad } from "./resize-grad.ts"
import { unsortedSegmentSum } from "./unsorted-segment-sum.ts"

export { mendAveragePool } from "./avg-pool-grad.ts"
export { mendGeometry } from "./geometry.ts"

const lacking: ReadonlyArray<ComposedKernel> = [einsum, unsortedSegmentSum]
const resized = [resizeBilinearGrad, resizeNearestNeighborGrad]
const wrong: ReadonlyMap<string, ReadonlyArray<ComposedKernel>> = new Map([
  ["wasm", [conv3dBackpropFilter, conv3dBackpropInput]],
  ["cpu", resized], // of several images, or of images that aren't square
])
/** Elsewhere the gradients of resized images are wrong for this option, of which they don't know. */
const atCentres = (attributes: object) => Reflect.get(attributes, "halfPixelCenters") === true

const done = new Set<string>()

/** Registers what the backend lacks, and replaces what it has wrong; a second time it does nothing. */
export const registerComposed = (backendName: string): void => {
  if (done.has(backendName)) return
  done.add(backendName)
  for (const kernel of lacking) registerIfLacking(kernel, backendName)
  for (const kernel of wrong.get(backendName) ?? []) replace(kernel, backendName)
  if (backendName === "wasm") replace(castToBool, backendName, isToBool)
  if (backendName === "webgpu") replace(pad, backendName, isWide)
  if (wrong.get(backendName) !== resized) for (const kernel of resized) replace(kernel, backendName, atCentres)
}
