/** Opens a graphics card through Dawn: WebGPU on Vulkan, Metal or Direct3D 12. */
import * as tf from "@tensorflow/tfjs-core"
import { mendAveragePool, mendGeometry, registerComposed } from "../composed/index.ts"
import { BackendUnavailable } from "../error.ts"
import type { Opened } from "../opened.ts"
import { overrides } from "../override.ts"
import { type DawnPackage, dawnPackage, dawnVersion, loadDawn, webgpuFolder } from "./dawn.ts"
import { guardDevice, type WebgpuBackend } from "./failures.ts"
import type { Adapter, AdapterInfo, Dawn, Gpu } from "./gpu.ts"
import { mendPrograms, type ProgramRunner } from "./programs.ts"

const unavailable = (reason: string, hint: string) => new BackendUnavailable({ backend: "webgpu", reason, hint })
const textOf = (cause: unknown) => (cause instanceof Error ? cause.message : String(cause)).split("\n")[0]!

/** Where Dawn comes from. */
interface DawnSource {
  readonly find: () => DawnPackage | undefined
  readonly load: (known: DawnPackage) => Promise<Dawn>
}

const found = ({ find }: DawnSource): DawnPackage => {
  const known = find()
  if (known !== undefined) return known
  throw unavailable(
    "the npm package 'webgpu' isn't installed",
    `add it with 'npm install webgpu@${dawnVersion}' (51 MB), or 'npm install --prefix ${webgpuFolder()} webgpu@${dawnVersion}' for every project`,
  )
}

const loaded = async ({ load }: DawnSource, known: DawnPackage): Promise<Dawn> => {
  try {
    return await load(known)
  } catch (cause) {
    throw unavailable(
      `Dawn ${known.version} can't be loaded: ${textOf(cause)}`,
      "it is built for Linux and Windows on x64 and arm64, and for macOS; on another system choose the backend 'wasm'",
    )
  }
}

const driverHints: { readonly [platform: string]: string } = {
  linux: "install the card's driver and Vulkan's loader (on Debian: libvulkan1), or choose the backend 'wasm'",
}

const adapterOf = async (gpu: Gpu): Promise<Adapter> => {
  const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" })
  if (adapter !== null) return adapter
  throw unavailable(
    "no graphics card with a driver was found",
    driverHints[process.platform] ?? "install the graphics card's driver, or choose the backend 'wasm'",
  )
}

/** What the library's kernels make use of: as much as the card allows. */
const limits = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxComputeWorkgroupStorageSize",
  "maxComputeWorkgroupsPerDimension",
  "maxComputeWorkgroupSizeX",
  "maxComputeInvocationsPerWorkgroup",
]

const deviceOf = async (adapter: Adapter) => {
  const requiredLimits = Object.fromEntries(limits.map((name) => [name, adapter.limits[name]!]))
  try {
    return await adapter.requestDevice({ requiredLimits })
  } catch (cause) {
    throw unavailable(`the graphics card refused: ${textOf(cause)}`, "update its driver, or choose the backend 'wasm'")
  }
}

/** The name of a card, e.g. `NVIDIA H100 PCIe`; without one, what kind it is. */
const named = ({ device, vendor, architecture }: AdapterInfo): string =>
  device === "" ? `${vendor} ${architecture}`.trim() : device

export const open = async (source: DawnSource = { find: dawnPackage, load: loadDawn }): Promise<Opened> => {
  const dawn = found(source)
  // Before `navigator.gpu` is there, or it would register a factory of its own.
  const { WebGPUBackend } = await import("@tensorflow/tfjs-backend-webgpu")
  const { create, globals } = await loaded(source, dawn)
  const gpu = create([])
  const adapter = await adapterOf(gpu)
  const device = await deviceOf(adapter)
  Object.assign(globalThis, globals)
  Object.defineProperty(globalThis.navigator, "gpu", { value: gpu, configurable: true })
  // Small tensors that have never been on the card would be computed by the processor, so a run that was resumed
  // from a checkpoint would differ from one that wasn't.
  tf.env().set("WEBGPU_CPU_FORWARD", false)
  const opened = new WebGPUBackend(device as never, adapter.info as never)
  const backend = opened as unknown as WebgpuBackend & ProgramRunner
  guardDevice(backend, device)
  mendPrograms(backend)
  tf.registerBackend("webgpu", () => opened)
  registerComposed("webgpu")
  mendAveragePool("webgpu")
  mendGeometry("webgpu")
  const { info } = adapter
  return {
    device: info.isFallbackAdapter ? `${named(info)}, in software: slow` : named(info),
    libraries: [`dawn-${dawn.version}`, `driver=${info.description.replaceAll(/\s+/g, "-")}`],
    kernels: overrides.webgpu.kernels,
    threads: 1,
    bitsByThreads: false,
  }
}
