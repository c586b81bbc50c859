/** The library's operations, by the names of their kernels. */
import * as core from "@tensorflow/tfjs-core"

/** Names without a kernel on any backend: the operation is made of others, or belongs to browsers. */
const composed = new Set([
  "BroadcastTo",
  "Draw",
  "FromPixels",
  "LogSoftmax",
  "LogicalXor",
  "LowerBound",
  "MatrixBandPart",
  "Pool",
  "UpperBound",
])

/** The library exports each name as a constant that holds it. */
const names: ReadonlyArray<string> = Object.entries(core)
  .flatMap(([name, value]) => (name === value && !composed.has(name) ? [name] : []))
  .toSorted()

/** Those that an open backend has no kernel for. */
export const missingOn = (backend: string): ReadonlyArray<string> =>
  names.filter((name) => core.getKernel(name, backend) === undefined)
