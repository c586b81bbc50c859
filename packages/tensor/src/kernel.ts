/** What the library throws for an operation that a backend lacks, as a typed error. */
import { existsSync } from "node:fs"
import { join } from "node:path"
import { Effect } from "effect"
import { type BackendName, backendNames } from "./backend.ts"
import { KernelMissing } from "./error.ts"
import { installation, tensorflowFolder } from "./tensorflow/installation.ts"

const noKernel = /Kernel '(\w+)' not registered for backend '(\w+)'/
const noGradient = /gradient function not found for (\w+)/

/** The backends that have a kernel, whether they are open or not; TensorFlow where it is installed. */
const having = async (kernel: string): Promise<ReadonlyArray<BackendName>> => {
  const { getKernel } = await import("@tensorflow/tfjs-core")
  const { registerComposed } = await import("./composed/index.ts")
  await Promise.all([
    import("@tensorflow/tfjs-backend-cpu"),
    import("@tensorflow/tfjs-backend-wasm"),
    import("@tensorflow/tfjs-backend-webgpu"),
  ])
  const { overrides } = await import("./override.ts")
  for (const name of ["webgpu", "wasm", "cpu"]) registerComposed(name)
  const file = join(tensorflowFolder(), "tfjs/dist/kernels", `${kernel}.js`)
  const installed = installation() !== undefined && existsSync(file)
  const isOurs = (name: BackendName) =>
    name !== "tensorflow" && overrides[name].list.some((one) => one.kernel === kernel)
  return backendNames.filter(
    (name) => getKernel(kernel, name) !== undefined || isOurs(name) || (name === "tensorflow" && installed),
  )
}

/** Fails for the first of these operations that a backend has no kernel for. */
export const needKernels = (
  kernels: ReadonlyArray<string>,
  { name, missing }: { readonly name: BackendName; readonly missing: ReadonlyArray<string> },
): Effect.Effect<void, KernelMissing> =>
  Effect.gen(function* () {
    const kernel = kernels.find((one) => missing.includes(one))
    if (kernel === undefined) return
    const available = yield* Effect.promise(() => having(kernel))
    return yield* new KernelMissing({ kernel, backend: name, lacks: "kernel", available })
  })

/** The typed error behind something thrown, if it is one about a missing kernel or gradient. */
export const kernelMissing = async (thrown: unknown, backend: string): Promise<KernelMissing | undefined> => {
  const text = thrown instanceof Error ? thrown.message : String(thrown)
  const [, gradient] = noGradient.exec(text) ?? []
  if (gradient !== undefined) return new KernelMissing({ kernel: gradient, backend, lacks: "gradient", available: [] })
  const [, kernel, where] = noKernel.exec(text) ?? []
  if (kernel === undefined || where === undefined) return undefined
  return new KernelMissing({ kernel, backend: where, lacks: "kernel", available: await having(kernel) })
}
