/** Rounding of integers: TensorFlow 2.21's own kernel gives zeros for int32. */
import { getKernel, Identity, registerKernel, Round, unregisterKernel } from "@tensorflow/tfjs-core"

/** Registers the kernel in place of the stock one: a whole number is its own. Once a process. */
export const registerRound = (): void => {
  const stock = getKernel(Round, "tensorflow")
  const identity = getKernel(Identity, "tensorflow").kernelFunc
  unregisterKernel(Round, "tensorflow")
  registerKernel({
    ...stock,
    kernelFunc: (given) => (given.inputs["x"]!.dtype === "int32" ? identity(given) : stock.kernelFunc(given)),
  })
}
