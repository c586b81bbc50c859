/** A failed allocation is an error: the library goes on with address 0 and overwrites its own memory. */
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm"
import { OutOfTensorMemory } from "../error.ts"
import { moduleOf } from "./module.ts"

const addressSpace = 2 ** 32

export const guardMemory = (backend: BackendWasm): void => {
  const module = moduleOf(backend)
  module._free(module._malloc(1)) // the first call replaces the function by the compiled one
  const allocate = module._malloc
  module._malloc = (bytes) => {
    const address = bytes < addressSpace ? allocate(bytes) : 0 // a larger number would wrap
    // The allocator takes a block near the end for large enough: the end that it computes has wrapped.
    const beyond = (address >>> 0) + bytes > module.HEAPU8.length
    if (beyond) module._free(address)
    if (beyond || (address === 0 && bytes > 0)) throw new OutOfTensorMemory({ backend: "wasm", bytes })
    return address
  }
}
