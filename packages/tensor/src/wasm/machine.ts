/** Our compiled kernels on the library's own heap: they read and write its tensors where they lie. */
import { readFileSync } from "node:fs"
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm"
import type { Exports } from "./exports.ts"
import { moduleOf } from "./module.ts"

export interface Machine {
  /** `relaxed` where products are added in one rounding, else `plain`. */
  readonly simd: "relaxed" | "plain"
  /** Makes a call that can be made again and again. */
  readonly call: <Name extends keyof Exports>(name: Name, ...given: Parameters<Exports[Name]>) => () => void
  /** Address of room for a product's panels. */
  readonly workspace: number
  /** Address of room for a kernel's own intermediates, until the next kernel runs; it stays where it is. */
  readonly scratch: (bytes: number) => number
}

const compiled = (simd: Machine["simd"]): WebAssembly.Module | undefined => {
  const bytes = readFileSync(new URL(`../../kernels/${simd}.wasm`, import.meta.url))
  return WebAssembly.validate(bytes) ? new WebAssembly.Module(bytes) : undefined
}

/** The heap, by either of the names that the library's builds have for it. */
const heapOf = ({ wasm }: BackendWasm): WebAssembly.Memory => {
  const { wasmMemory, asm } = wasm as unknown as { wasmMemory?: WebAssembly.Memory; asm?: object }
  const heap = wasmMemory ?? Object.values(asm ?? {}).find((part) => part instanceof WebAssembly.Memory)
  if (heap === undefined) throw new Error("the wasm backend shows no memory")
  return heap
}

const start = (backend: BackendWasm): Machine => {
  const relaxed = compiled("relaxed")
  const module = relaxed ?? compiled("plain")!
  const { exports } = new WebAssembly.Instance(module, { env: { memory: heapOf(backend) } })
  const kernels = exports as unknown as Exports
  let room = { address: 0, bytes: 0 }
  return {
    simd: relaxed === undefined ? "plain" : "relaxed",
    call: (name, ...given) => {
      const kernel = kernels[name] as (...given: ReadonlyArray<number | boolean>) => void
      return () => kernel(...given)
    },
    workspace: moduleOf(backend)._malloc(kernels.gemmWorkspace()) >>> 0,
    scratch: (bytes) => {
      // Twice as much each time, and the smaller ones stay: calls that were made before know their addresses.
      if (bytes > room.bytes) {
        const size = Math.max(2 ** Math.ceil(Math.log2(bytes)), 2 ** 20)
        room = { address: moduleOf(backend)._malloc(size) >>> 0, bytes: size }
      }
      return room.address
    },
  }
}

let started: Machine | undefined

/** The kernels, compiled for what the machine has at the first call: there is one wasm backend in a process. */
export const machineOf = (backend: BackendWasm): Machine => (started ??= start(backend))
