/** Which backend has a kernel of ours in place of another, and why: the one table. */
import type { BackendName } from "./backend.ts"
import { tensorflowKernels } from "./tensorflow/kernel/index.ts"
import { wasmKernels } from "./wasm/kernels.ts"

/** A kernel of ours, in place of the library's or of one made of several operations. */
export interface Override<B = never> {
  /** The library's name, or `Relent...` for an operation of `op/`. */
  readonly kernel: string
  /** What is better. */
  readonly why: string
  /** Puts it into the library's registry. Once a process. */
  readonly register: (backend: B) => void
}

export interface Overrides {
  /** Name and number of the kernels of a backend, part of its numerics class: raised whenever one may round differently. */
  readonly kernels: string
  readonly list: ReadonlyArray<Override>
}

export const overrides: { readonly [name in BackendName]: Overrides } = {
  tensorflow: { kernels: "relent-3", list: tensorflowKernels },
  wasm: { kernels: "relent-3 composed-4", list: wasmKernels },
  webgpu: { kernels: "programs-1 composed-3", list: [] },
  cpu: { kernels: "composed-3", list: [] },
}
