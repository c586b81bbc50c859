/**
 * The library's gradients. Its build for Node leaves them out; they are modules whose imports lack the ending that Node wants,
 * so a hook adds it while they are loaded.
 */
import { registerHooks } from "node:module"

const isLibrary = (url: string | undefined) => url?.includes("/@tensorflow/tfjs-core/dist/") === true

const register = async (): Promise<void> => {
  const hooks = registerHooks({
    resolve: (specifier, context, next) =>
      isLibrary(context.parentURL) && specifier.startsWith(".") && !specifier.endsWith(".js")
        ? next(`${specifier}.js`, context)
        : next(specifier, context),
  })
  try {
    await import("@tensorflow/tfjs-core/dist/register_all_gradients.js")
    // Some of them call methods of tensors that its build for Node leaves out too.
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
