/**
 * What changes no number shares the memory of its original, as a reshaped tensor does. The stock kernels copy it: once for every value that
 * a gradient keeps, and for every cast of what has its type already.
 */
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm"
import { tf } from "../tf.ts"

/** Registers a kernel that shares where `isSame`, in place of the one there is. Once a process. */
export const registerSharing =
  (kernel: string, isSame: (x: tf.TensorInfo, attributes: object) => boolean) =>
  (backend: BackendWasm): void => {
    const before = tf.getKernel(kernel, "wasm")
    tf.unregisterKernel(kernel, "wasm")
    tf.registerKernel({
      ...before,
      kernelFunc: (given) => {
        const x = given.inputs["x"]!
        if (!isSame(x, given.attrs ?? {}) || x.dtype === "string") return before.kernelFunc(given)
        backend.incRef(x.dataId)
        return { dataId: x.dataId, shape: x.shape, dtype: x.dtype }
      },
    })
  }
