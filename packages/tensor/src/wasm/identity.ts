/**
 * A clone on wasm shares the memory of its original, as a reshaped tensor does. The stock kernel copies it: once for every value
 * that a gradient keeps.
 */
import { Identity } from "@tensorflow/tfjs-core"
import { getKernel, registerKernel, unregisterKernel } from "@tensorflow/tfjs-core"
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm"

/** Registers the kernel in place of the stock one. Once a process. */
export const registerIdentity = (backend: BackendWasm): void => {
  const stock = getKernel(Identity, "wasm")
  unregisterKernel(Identity, "wasm")
  registerKernel({
    ...stock,
    kernelFunc: (given) => {
      const { dataId, shape, dtype } = given.inputs["x"]!
      if (dtype === "string") return stock.kernelFunc(given)
      backend.incRef(dataId)
      return { dataId, shape, dtype }
    },
  })
}
