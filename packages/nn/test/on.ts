import { Backend, Tensors } from "@relent/tensor"
import { testBackend } from "@relent/tensor/testing"
import { Effect } from "effect"

/** Runs an effect alone on a backend; a tensor left behind fails the test. */
export const on = <A, E>(effect: Effect.Effect<A, E, Backend>, layer = testBackend): Promise<A> =>
  Effect.runPromise(
    Effect.provide(
      Backend.use((backend) => backend.run(Tensors.leakFree(effect))),
      layer,
    ),
  )
