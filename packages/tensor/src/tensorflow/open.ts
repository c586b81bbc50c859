/** Opens TensorFlow: the kernels of tfjs-node around an addon of ours, from relent's cache folder. */
import { createRequire, registerHooks } from "node:module"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import * as tf from "@tensorflow/tfjs-core"
import { Data } from "effect"
import { mendGeometry, registerComposed } from "../composed/index.ts"
import type { Opened } from "../opened.ts"
import { threadsWanted } from "../threads.ts"
import type { Binding, TensorFlowBackend } from "./binding.ts"
import { overrides } from "../override.ts"
import { type Installation, installation, isCurrent, tensorflowFolder } from "./installation.ts"
import { registerKernels } from "./kernel/index.ts"
import { registerPadding } from "./kernel/padding.ts"

class NotInstalled extends Data.TaggedError("NotInstalled")<{ readonly message: string }> {}

/** Threads of an operation: TensorFlow reads it once, when its first session or context begins. */
const threads = (): number => {
  const given = Number(process.env["TF_NUM_INTRAOP_THREADS"])
  return given > 0 ? given : threadsWanted()
}

/** What tfjs-node asks of `node:util` at run time, gone or deprecated in Node. */
const utilities = `
  const util = require("node:util")
  module.exports = { ...util, isNullOrUndefined: (x) => x === null || x === undefined, isArray: Array.isArray }`

/** How the package finds its surroundings: the one library of this process, and nothing to write TensorBoard files with. */
const surroundings = (folder: string) => {
  const library = pathToFileURL(createRequire(import.meta.url).resolve("@tensorflow/tfjs-core")).href
  const inside = pathToFileURL(join(folder, "tfjs/")).href
  const sources: { readonly [url: string]: string } = { "relent:util": utilities, "relent:nothing": "" }
  return registerHooks({
    resolve: (specifier, context, next) => {
      const to = (url: string) => ({ url, format: "commonjs", shortCircuit: true })
      if (context.parentURL?.startsWith(inside) !== true) return next(specifier, context)
      if (specifier === "@tensorflow/tfjs" || specifier === "@tensorflow/tfjs-core") return to(library)
      if (specifier === "util") return to("relent:util")
      return specifier.endsWith("/proto/api_pb") ? to("relent:nothing") : next(specifier, context)
    },
    load: (url, context, next) => {
      const source = sources[url]
      return source === undefined ? next(url, context) : { format: "commonjs", source, shortCircuit: true }
    },
  })
}

/**
 * Node writes its environment through to the process, where TensorFlow reads it. Left alone, TensorFlow takes oneDNN's kernels only on
 * processors with AVX-512; they pay without as well: a step of a small CNN takes 0.7 of the time, one of a transformer 0.8. On CUDA it
 * would add in no fixed order, and round the operands of products to ten bits (TF32).
 */
const setEnvironment = ({ cuda }: Installation) => {
  if (cuda) {
    process.env["TF_DETERMINISTIC_OPS"] ??= "1"
    process.env["NVIDIA_TF32_OVERRIDE"] ??= "0"
  }
  process.env["TF_ENABLE_ONEDNN_OPTS"] ??= "1"
  process.env["TF_CPP_MIN_LOG_LEVEL"] ??= "2"
  process.env["TF_NUM_INTRAOP_THREADS"] ??= String(threads())
}

export const open = async (): Promise<Opened> => {
  const found = installation()
  if (found === undefined) throw new NotInstalled({ message: "it isn't installed" })
  if (!isCurrent(found)) throw new NotInstalled({ message: "it was installed by another version of relent" })
  setEnvironment(found)
  const folder = tensorflowFolder()
  const require = createRequire(join(folder, "tfjs/dist/index.js"))
  const hooks = surroundings(folder)
  try {
    // oxlint-disable-next-line import/no-unassigned-import -- it registers
    require("./register_all_kernels")
    const { NodeJSKernelBackend } = require("./nodejs_kernel_backend") as {
      readonly NodeJSKernelBackend: new (binding: Binding, packageName: string) => TensorFlowBackend
    }
    const backend = new NodeJSKernelBackend(require(join(folder, "addon.node")) as Binding, "relent")
    tf.registerBackend("tensorflow", () => backend)
    registerKernels(backend)
    registerPadding()
    registerComposed("tensorflow")
    mendGeometry("tensorflow")
    return {
      device: backend.binding.isUsingGpuDevice() ? "CUDA" : `CPU, ${threads()} threads`,
      libraries: [`tensorflow-${found.tensorflow}`, `onednn=${process.env["TF_ENABLE_ONEDNN_OPTS"]}`],
      kernels: overrides.tensorflow.kernels,
      threads: threads(),
      bitsByThreads: true,
    }
  } finally {
    hooks.deregister()
  }
}
