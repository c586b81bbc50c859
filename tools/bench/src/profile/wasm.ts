/** wasm under watch: its kernels compute while they are called. */
import { tf } from "@relent/tensor"
import { Effect } from "effect"
import type { Clock } from "./spent.ts"

const replace = (kernels: ReadonlyArray<tf.KernelConfig>): void => {
  for (const kernel of kernels) {
    tf.unregisterKernel(kernel.kernelName, "wasm")
    tf.registerKernel(kernel)
  }
}

/** Times the kernels that run while `effect` does. */
export const watched = (effect: Effect.Effect<unknown>, clock: Clock): Effect.Effect<void> =>
  Effect.acquireUseRelease(
    Effect.sync(() => {
      const kernels = tf.getKernelsForBackend("wasm")
      const timed = kernels.map((kernel): tf.KernelConfig => ({
        ...kernel,
        kernelFunc: (given) => clock.time(kernel.kernelName, () => kernel.kernelFunc(given)),
      }))
      replace(timed)
      return kernels
    }),
    () => Effect.asVoid(effect),
    (kernels) => Effect.sync(() => replace(kernels)),
  )
