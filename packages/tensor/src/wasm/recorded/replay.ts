/** A kernel of the library, called again on tensors that lie elsewhere: what it asks room for is given what was kept for it. */
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm"
import { tf } from "../../tf.ts"
import { moduleOf } from "../module.ts"
import { bytesOf } from "./bytes.ts"
import { hooked } from "./hooked.ts"
import type { At, Info } from "./trace.ts"

/** XNNPACK keeps the weights of these, packed, by the tensor's number: written in place they would be the old ones. */
const keepWeights = new Set([
  "Conv2D",
  "FusedConv2D",
  "DepthwiseConv2dNative",
  "FusedDepthwiseConv2D",
  "_FusedMatMul",
  "Prelu",
])

type Given = Parameters<tf.KernelFunc>[0]

const movedTo = (inputs: Given["inputs"], at: At): Given["inputs"] => {
  const entries = Object.entries(inputs).map(([name, info]) => [name, info == null ? info : at(info)] as const)
  const moved = Array.isArray(inputs) ? entries.map(([, info]) => info) : Object.fromEntries(entries)
  return moved as Given["inputs"]
}

/** How the call is made again: its outputs come one after the other, and nothing is given back. */
export const replay = (
  backend: BackendWasm,
  kernel: string,
  call: tf.KernelFunc,
  given: Given,
  made: ReadonlyArray<Info>,
): { readonly bind: (at: At) => () => void } => ({
  bind: (at) => {
    const again = { ...given, inputs: movedTo(given.inputs, at) }
    const outputs = made.map(at)
    const weights = keepWeights.has(kernel) ? Object.values(again.inputs).filter((info) => info != null) : []
    let next = 0
    const hooks: Partial<BackendWasm> = {
      makeOutput: (shape, dtype, _, values) => {
        const { dataId } = outputs[next++]!
        if (values != null) moduleOf(backend).HEAPU8.set(bytesOf(values), backend.getMemoryOffset(dataId))
        return { dataId, shape, dtype }
      },
      disposeData: () => true,
      incRef: () => {},
    }
    return () => {
      next = 0
      for (const info of weights) forget(backend, info)
      hooked(backend, hooks, () => call(again))
    }
  },
})

const forget = (backend: BackendWasm, { dataId }: Info): void => {
  const { id, memoryOffset, shape } = backend.dataIdMap.get(dataId)
  const { registerTensor, disposeData } = moduleOf(backend).tfjs
  disposeData(id)
  registerTensor(id, tf.util.sizeFromShape(shape), memoryOffset)
}
