/** Stages and losses that use the backend; a tensor left behind fails the test. */
import type { AnyStage } from "@relent/stage"
import { failureOf, type Given, runStage } from "@relent/stage/testing"
import { Backend, type Tensor, Tensors, tf } from "@relent/tensor"
import { testBackend } from "@relent/tensor/testing"
import { Effect } from "effect"

const on = <A, E>(body: Effect.Effect<A, E, Backend>): Promise<A> =>
  Effect.runPromise(
    Effect.provide(
      Backend.use((b) => b.run(Tensors.leakFree(body))),
      testBackend,
    ),
  )

export const ran = (stage: AnyStage, inputs: object, parameters: object = {}, more: Given = {}) =>
  on(runStage<Backend>(stage, { seed: 101, inputs, parameters, ...more }))

export const run = async (...given: Parameters<typeof ran>) => (await ran(...given)).outputs

export const failure = (stage: AnyStage, inputs: object, parameters: object = {}) =>
  on(failureOf<Backend>(stage, { inputs, parameters }))

/** The values of a tensor. */
export const read = (make: () => Tensor): Promise<ReadonlyArray<number>> =>
  on(
    Effect.promise(async () => {
      const tensor = tf.tidy(make)
      const values = [...(await tensor.data())]
      tensor.dispose()
      return values
    }),
  )
