/** Opens tfjs-wasm in Node: SIMD, our kernels and threads, no traces in the process. */
import * as tf from "@tensorflow/tfjs-core"
import { mendGeometry, registerComposed } from "../composed/index.ts"
import type { Opened } from "../opened.ts"
import { overrides } from "../override.ts"
import { load } from "./library.ts"
import { wasmKernels } from "./kernels.ts"
import { machineOf } from "./machine.ts"
import { guardMemory } from "./memory.ts"
import { watchKernels } from "./recorded/trace.ts"

export const open = async (): Promise<Opened> => {
  const backend = await load()
  tf.removeBackend("wasm")
  tf.registerBackend("wasm", () => backend)
  guardMemory(backend)
  registerComposed("wasm")
  for (const { register } of wasmKernels) register(backend) // what they don't know they leave to those before
  mendGeometry("wasm")
  watchKernels()
  const { simd, threads } = machineOf(backend)
  const device = `CPU, WebAssembly with ${simd === "relaxed" ? "relaxed " : ""}SIMD, ${threads} thread${threads === 1 ? "" : "s"}`
  return { device, libraries: [`simd=${simd}`], kernels: overrides.wasm.kernels, threads, bitsByThreads: false }
}
