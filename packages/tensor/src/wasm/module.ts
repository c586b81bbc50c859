/** The part of the compiled module that our kernels call. */
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm"
import { Data } from "effect"

/** The library's module isn't built as it was in the version that this was written for. */
export class ModuleUnknown extends Data.TaggedError("ModuleUnknown")<{ readonly message: string }> {}

export interface WasmModule {
  /** The heap as it is now: when it grows, older views lose it. */
  readonly HEAPU8: Uint8Array
  /** Address of a new block, 0 if there is no room. */
  _malloc: (bytes: number) => number
  readonly _free: (address: number) => void
  readonly cwrap: (
    name: string,
    returns: null,
    takes: ReadonlyArray<"number" | "array">,
  ) => (...given: ReadonlyArray<number | Uint8Array>) => void
  readonly tfjs: {
    readonly registerTensor: (id: number, size: number, memoryOffset: number) => void
    readonly disposeData: (id: number) => void
  }
}

export const moduleOf = (backend: BackendWasm): WasmModule => backend.wasm as unknown as WasmModule
