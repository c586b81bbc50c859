/** Opens tfjs-wasm in Node: SIMD, one thread, binaries from node_modules, our kernels, no traces in the process. */
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import * as tf from "@tensorflow/tfjs-core"
import { type BackendWasm, setWasmPaths } from "@tensorflow/tfjs-backend-wasm"
import { mendAveragePool, mendGeometry, registerComposed } from "../composed/index.ts"
import type { Opened } from "../opened.ts"
import { overrides } from "../override.ts"
import { wasmKernels } from "./kernels.ts"
import { machineOf } from "./machine.ts"
import { guardMemory } from "./memory.ts"
import { watchKernels } from "./recorded/trace.ts"

const events = ["uncaughtException", "unhandledRejection"] as const
const listenersOf = (event: string) =>
  (process as NodeJS.EventEmitter).listeners(event) as unknown as ReadonlyArray<() => void>

export const open = async (): Promise<Opened> => {
  setWasmPaths(
    join(dirname(createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm/package.json")), "dist/"),
  )
  const before = events.map((event) => new Set(listenersOf(event)))
  // The factory itself, since `setBackend` would swallow the reason of a failure.
  const backend = (await tf.findBackendFactory("wasm")()) as BackendWasm
  // The glue code's handlers would turn any rejection in the process into its own crash.
  for (const [i, event] of events.entries())
    for (const listener of listenersOf(event)) if (!before[i]!.has(listener)) process.removeListener(event, listener)
  tf.removeBackend("wasm")
  tf.registerBackend("wasm", () => backend)
  guardMemory(backend)
  for (const { register } of wasmKernels) register(backend)
  registerComposed("wasm")
  mendAveragePool("wasm")
  mendGeometry("wasm")
  watchKernels()
  const { simd } = machineOf(backend)
  const device = `CPU, WebAssembly with ${simd === "relaxed" ? "relaxed " : ""}SIMD`
  return { device, libraries: [`simd=${simd}`], kernels: overrides.wasm.kernels, threads: 1 }
}
