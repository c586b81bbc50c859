/**
 * The library's gradients. Its build for Node leaves them out; they are modules of its other build, whose imports lack the ending
 * that Node wants. A hook leads them to operations of the build for Node, which is loaded already, and adds the ending to the rest.
 */
import { createRequire, registerHooks } from "node:module"
import { pathToFileURL } from "node:url"
import * as core from "@tensorflow/tfjs-core"

const library = pathToFileURL(createRequire(import.meta.url).resolve("@tensorflow/tfjs-core")).href
const isLibrary = (url: string | undefined) => url?.includes("/@tensorflow/tfjs-core/dist/") === true

/** What the build for Node exports; a module of the other is named as what it holds: `ops/batch_to_space_nd`. */
const exported = new Set(
  Object.entries(core).flatMap(([name, value]) => (typeof value === "function" ? [name.toLowerCase()] : [])),
)
const isExported = (specifier: string, parent: string | undefined) => {
  const [, folder, module = ""] = /\/dist\/(ops\/)?(?:\w+\/)?(\w+)$/.exec(new URL(specifier, parent).href) ?? []
  return folder === undefined ? module === "base" : module === "ops" || exported.has(module.replaceAll("_", ""))
}

const register = async (): Promise<void> => {
  const hooks = registerHooks({
    resolve: (specifier, context, next) => {
      if (!isLibrary(context.parentURL) || !specifier.startsWith(".") || specifier.endsWith(".js"))
        return next(specifier, context)
      return isExported(specifier, context.parentURL)
        ? { url: library, shortCircuit: true }
        : next(`${specifier}.js`, context)
    },
  })
  try {
    await import("@tensorflow/tfjs-core/dist/register_all_gradients.js")
    // Some of them call methods of tensors that its build for Node leaves out too, and so do kernels of TensorFlow.
    await import("@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.js")
  } finally {
    hooks.deregister()
  }
  const [{ mendGradients }, { registerStockGradients }, { orderTape }] = await Promise.all([
    import("./composed/gradients.ts"),
    import("./op/stock-gradients.ts"),
    import("./op/tape.ts"),
  ])
  mendGradients()
  registerStockGradients()
  orderTape()
}

let registered: Promise<void> | undefined

/** Registers the gradient of every operation, ours in place of the library's where we have one; a second time it does nothing. */
export const registerGradients = (): Promise<void> => (registered ??= register())
