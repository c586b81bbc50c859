/** What the library throws for an operation that a backend lacks, as a typed error. */
import { KernelMissing } from "./error.ts"

const noKernel = /Kernel '(\w+)' not registered for backend '(\w+)'/
const noGradient = /gradient function not found for (\w+)/

/** The typed error behind something thrown, if it is one about a missing kernel or gradient. */
export const kernelMissing = async (thrown: unknown, backend: string): Promise<KernelMissing | undefined> => {
  const text = thrown instanceof Error ? thrown.message : String(thrown)
  const [, gradient] = noGradient.exec(text) ?? []
  if (gradient !== undefined) return new KernelMissing({ kernel: gradient, backend, lacks: "gradient", available: [] })
  const [, kernel, where] = noKernel.exec(text) ?? []
  if (kernel === undefined || where === undefined) return undefined
  const { getKernel } = await import("@tensorflow/tfjs-core")
  await Promise.all([import("@tensorflow/tfjs-backend-cpu"), import("@tensorflow/tfjs-backend-wasm")])
  const available = ["wasm", "cpu"].filter((name) => getKernel(kernel, name) !== undefined)
  return new KernelMissing({ kernel, backend: where, lacks: "kernel", available })
}
