/**
 * The library's module on a heap that threads can share. Its own build for threads starts eight of them, in half a second; ours, for which
 * the plain one does, come when there is work for them. A memory is shared by one bit of the module's description of it.
 */
import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { BackendWasm } from "@tensorflow/tfjs-backend-wasm"
import { ModuleUnknown } from "./module.ts"
import { type Imports, type Instance, WebAssembly } from "./webassembly.ts"

const require = createRequire(import.meta.url)
const folder = "@tensorflow/tfjs-backend-wasm"

const MEMORY_SECTION = 5
const SHARED = 2

/** Sets the bit in a module that has one memory with a maximum. */
export const shareMemory = (module: Uint8Array): void => {
  let at = 8 // after magic number and version
  const number = (): number => {
    let [value, shift] = [0, 0]
    for (;;) {
      const byte = module[at++]!
      value += (byte & 0x7f) * 2 ** shift
      shift += 7
      if (byte < 0x80) return value
    }
  }
  while (at < module.length) {
    const section = module[at++]
    const length = number()
    if (section === MEMORY_SECTION) {
      const [count, limits] = [module[at], module[at + 1]]
      if (count !== 1 || limits !== 1)
        throw new ModuleUnknown({ message: "the memory of TensorFlow.js's wasm module isn't one with a maximum" })
      module[at + 1] = limits | SHARED
      return
    }
    at += length
  }
  throw new ModuleUnknown({ message: "TensorFlow.js's wasm module has no memory of its own" })
}

type Wrap = (name: string, returns: "number" | null, takes: ReadonlyArray<"number">) => () => void
interface Glue {
  readonly cwrap: Wrap
  tfjs: { readonly [name: string]: () => void }
}
interface Options {
  readonly instantiateWasm: (imports: Imports, done: (instance: Instance) => void) => object
}
type Factory = (options: Options) => Promise<Glue>

const events = ["uncaughtException", "unhandledRejection"] as const
const listenersOf = (event: string) =>
  (process as NodeJS.EventEmitter).listeners(event) as unknown as ReadonlyArray<() => void>

/** The backend with SIMD and a shared heap; its factory leaves no traces in the process. */
export const load = async (): Promise<BackendWasm> => {
  const factory = require(`${folder}/wasm-out/tfjs-backend-wasm.js`) as Factory
  const bytes = readFileSync(require.resolve(`${folder}/dist/tfjs-backend-wasm-simd.wasm`))
  shareMemory(bytes)
  const before = events.map((event) => new Set(listenersOf(event)))
  const wasm = await new Promise<Glue>((resolve, reject) => {
    const instantiateWasm: Options["instantiateWasm"] = (imports, done) => {
      WebAssembly.instantiate(new WebAssembly.Module(bytes), imports).then(done, reject)
      return {} // it comes later
    }
    factory({ instantiateWasm }).then(resolve, reject)
  })
  // The glue code's handlers would turn any rejection in the process into its own crash.
  for (const [i, event] of events.entries())
    for (const listener of listenersOf(event)) if (!before[i]!.has(listener)) process.removeListener(event, listener)
  const { cwrap } = wasm
  wasm.tfjs = {
    init: cwrap("init", null, []),
    initWithThreadsCount: cwrap("init_with_threads_count", null, ["number"]),
    getThreadsCount: cwrap("get_threads_count", "number", []),
    registerTensor: cwrap("register_tensor", null, ["number", "number", "number"]),
    disposeData: cwrap("dispose_data", null, ["number"]),
    dispose: cwrap("dispose", null, []),
  }
  return new BackendWasm(wasm as never)
}
