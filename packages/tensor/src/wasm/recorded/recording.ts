/** A step that has been seen once: its calls, prepared for tensors that lie where the plan says. */
import type { Parameters } from "@relent/arrow"
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm"
import { tf } from "../../tf.ts"
import type { Tree } from "../../tree.ts"
import { moduleOf } from "../module.ts"
import { bytesOf, sizeInBytes } from "./bytes.ts"
import { plan, type Traced } from "./plan.ts"
import type { DataId, Info } from "./trace.ts"

export interface Recording {
  /** Runs it on the state where that lies, and gives its outputs. */
  readonly run: (inputs: Parameters) => Tree
  readonly close: () => void
}

/** A tensor with numbers of its own, those of another. */
export const copyOf = (backend: BackendWasm, info: Info): tf.Tensor => {
  const made = backend.makeOutput(info.shape, info.dtype)
  const [from, to] = [backend.getMemoryOffset(info.dataId), backend.getMemoryOffset(made.dataId)]
  moduleOf(backend).HEAPU8.copyWithin(to, from, from + sizeInBytes(info))
  return tf.engine().makeTensorFromTensorInfo(made)
}

export const recordingOf = (backend: BackendWasm, traced: Traced): Recording => {
  const { trace, state, inputs: given, outputs } = traced
  const { bytes, offsets, inPlace, copies } = plan(traced)
  const { _malloc, _free, tfjs } = moduleOf(backend)
  const arena = _malloc(bytes) >>> 0
  const places = new Map<DataId, DataId>(Object.values(state).map(({ dataId }) => [dataId, dataId]))
  const registered: Array<DataId> = []
  const ids = backend as unknown as { dataIdNextNumber: number }
  const place = (info: Info, memoryOffset: number) => {
    const { shape, dtype } = info
    const id = ids.dataIdNextNumber++
    const dataId = { id }
    backend.dataIdMap.set(dataId, { id, memoryOffset, shape, dtype, refCount: 1 })
    tfjs.registerTensor(id, tf.util.sizeFromShape(shape), memoryOffset)
    registered.push(dataId)
    places.set(info.dataId, dataId)
    return dataId
  }
  const at = (info: Info): Info => {
    const { dataId, shape, dtype } = info
    const old = inPlace.get(dataId)
    const known = places.get(old ?? dataId)
    return { dataId: known ?? place(info, arena + offsets.get(dataId)!), shape, dtype }
  }
  const address = (info: Info) => backend.getMemoryOffset(at(info).dataId)
  const calls = trace.leaves.map(({ prepared }) => prepared.bind(at))
  for (const [dataId, values] of trace.constants) moduleOf(backend).HEAPU8.set(values, arena + offsets.get(dataId)!)
  const entries = Object.entries(given).map(([path, info]) => [path, arena + offsets.get(info.dataId)!] as const)
  const results = Object.entries(outputs).map(([path, info]) => [path, at(info)] as const)
  const moves = copies.map(({ from, to, by }) => ({
    from: address(from),
    to: address(to),
    by: by === undefined ? undefined : arena + by,
    bytes: sizeInBytes(to),
  }))
  return {
    run: (inputs) => {
      const heap = moduleOf(backend).HEAPU8
      for (const [path, to] of entries) heap.set(bytesOf(inputs[path]!.values as Float32Array), to)
      for (const call of calls) call()
      const made = Object.fromEntries(results.map(([path, info]) => [path, copyOf(backend, info)]))
      const now = moduleOf(backend).HEAPU8
      for (const { from, by, bytes } of moves) if (by !== undefined) now.copyWithin(by, from, from + bytes)
      for (const { from, to, by = from, bytes } of moves) now.copyWithin(to, by, by + bytes)
      return made
    },
    close: () => {
      for (const dataId of registered) {
        tfjs.disposeData(backend.dataIdMap.get(dataId).id)
        backend.dataIdMap.delete(dataId)
      }
      _free(arena)
    },
  }
}
