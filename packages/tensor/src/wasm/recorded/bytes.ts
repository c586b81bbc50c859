/** Bytes of tensors on wasm's heap. */
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm"
import { tf } from "../../tf.ts"
import { moduleOf } from "../module.ts"

export const sizeInBytes = ({ shape, dtype }: Pick<tf.TensorInfo, "shape" | "dtype">): number =>
  tf.util.sizeFromShape(shape) * tf.util.bytesPerElement(dtype)

/** A view that holds until the heap grows. */
export const bytesAt = (backend: BackendWasm, info: tf.TensorInfo): Uint8Array => {
  const address = backend.getMemoryOffset(info.dataId)
  return moduleOf(backend).HEAPU8.subarray(address, address + sizeInBytes(info))
}

export const bytesOf = (values: tf.backend_util.BackendValues): Uint8Array => {
  const { buffer, byteOffset, byteLength } = values as Float32Array
  return new Uint8Array(buffer, byteOffset, byteLength)
}
