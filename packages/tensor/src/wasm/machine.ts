/** Our compiled kernels on the library's own heap: they read and write its tensors where they lie. */
import { readFileSync } from "node:fs"
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm"
import { threadsShared } from "../threads.ts"
import type { Exports } from "./exports.ts"
import { ModuleUnknown, moduleOf } from "./module.ts"
import { type Call, callOf, poolOf } from "./threads/pool.ts"
import { type Memory, type Module, WebAssembly } from "./webassembly.ts"

/** What can be shared between threads: outputs, never a sum, so that their number changes no bits. */
export interface Work {
  /** Outputs, or rows of them. */
  readonly count: number
  /** A thread's share begins at a multiple of it. */
  readonly grain: number
  /** What it takes, in multiplications of a product: little work stays on this thread. */
  readonly cost: number
}

export interface Machine {
  /** `relaxed` where products are added in one rounding, else `plain`. */
  readonly simd: "relaxed" | "plain"
  readonly threads: number
  /** How many of them have come up besides this one. */
  readonly waiting: () => number
  /** Makes a call that can be made again and again. */
  readonly call: (...call: Call) => () => void
  /** The same for work that threads share: a call for each share, which has room for a product's panels at `workspace`. */
  readonly share: (work: Work, call: (from: number, to: number, workspace: number) => Call) => () => void
  /** Address of room for a kernel's own intermediates, until the next kernel runs; it stays where it is. */
  readonly scratch: (bytes: number) => number
  /** The whole numbers that lie there now, to read or to write. */
  readonly integers: (address: number, count: number) => Int32Array
  /** Address of a copy of these numbers, which stays: recordings know it. The same numbers are kept once. */
  readonly keep: (numbers: Int32Array) => number
}

/** Multiplications of a product that one thread does in about ten microseconds: less is not worth to wake another. */
const SHARE = 200_000

/** The kernels, if this machine can run them. `$RELENT_SIMD` asks for `plain`, which every machine can. */
const compiled = (simd: Machine["simd"]): Module | undefined => {
  if (process.env["RELENT_SIMD"] === "plain" && simd !== "plain") return undefined
  const bytes = readFileSync(new URL(`../../kernels/${simd}.wasm`, import.meta.url))
  return WebAssembly.validate(bytes) ? new WebAssembly.Module(bytes) : undefined
}

/** The heap, by either of the names that the library's builds have for it. */
const heapOf = ({ wasm }: BackendWasm): Memory => {
  const { wasmMemory, asm } = wasm as unknown as { wasmMemory?: Memory; asm?: object }
  const heap = wasmMemory ?? Object.values(asm ?? {}).find((part) => part instanceof WebAssembly.Memory)
  if (heap === undefined) throw new ModuleUnknown({ message: "TensorFlow.js's wasm module shows no memory" })
  return heap
}

/** The kernels with so many threads, each of which has `least` to do at least. */
export const machineWith = (backend: BackendWasm, threads: number, least = SHARE): Machine => {
  const relaxed = compiled("relaxed")
  const module = relaxed ?? compiled("plain")!
  const memory = heapOf(backend)
  const kernels = new WebAssembly.Instance(module, { env: { memory } }).exports as Exports
  const pool = poolOf(threads, { module, memory }, kernels)
  const room = (bytes: number) => moduleOf(backend)._malloc(bytes) >>> 0
  const workspaces: Array<number> = []
  const kept = new Map<string, number>()
  let scratch = { address: 0, bytes: 0 }
  const call = (...given: Call) => callOf(kernels, given)
  return {
    simd: relaxed === undefined ? "plain" : "relaxed",
    threads,
    waiting: pool.waiting,
    call,
    share: ({ count, grain, cost }, callOf) => {
      const shares = Math.max(1, Math.min(threads, Math.floor(cost / least), Math.ceil(count / grain)))
      const each = Math.ceil(count / shares / grain) * grain
      const calls = Array.from({ length: Math.ceil(count / each) || 1 }, (_, i) =>
        callOf(i * each, Math.min(count, (i + 1) * each), (workspaces[i] ??= room(kernels.gemmWorkspace()))),
      )
      return calls.length === 1 ? call(...calls[0]!) : pool.together(calls)
    },
    scratch: (bytes) => {
      // Twice as much each time, and the smaller ones stay: calls that were made before know their addresses.
      if (bytes > scratch.bytes) {
        const size = Math.max(2 ** Math.ceil(Math.log2(bytes)), 2 ** 20)
        scratch = { address: room(size), bytes: size }
      }
      return scratch.address
    },
    integers: (address, count) => new Int32Array(moduleOf(backend).HEAPU8.buffer, address, count),
    keep: (numbers) => {
      const key = numbers.join()
      const known = kept.get(key)
      if (known !== undefined) return known
      const address = room(numbers.byteLength)
      new Int32Array(moduleOf(backend).HEAPU8.buffer, address, numbers.length).set(numbers)
      kept.set(key, address)
      return address
    },
  }
}

let started: Machine | undefined

/** The kernels, made ready at the first call: there is one wasm backend in a process. */
export const machineOf = (backend: BackendWasm): Machine => (started ??= machineWith(backend, threadsShared()))
