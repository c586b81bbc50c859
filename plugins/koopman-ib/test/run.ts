/** Runs one stage by itself. */
import type { AnyStage, Checkpoint } from "@relent/stage"
import { failureOf, runStage, type StageFailure } from "@relent/stage/testing"
import { Backend, type Tensor, Tensors, tf } from "@relent/tensor"
import { testBackend } from "@relent/tensor/testing"
import { Effect } from "effect"
import { compressions, predictions } from "../src/bottleneck/index.ts"

const values = [...predictions, ...compressions]

/** With the backend where the stage uses it; a tensor left behind fails the test. */
const go = <A>(stage: AnyStage, program: Effect.Effect<A, StageFailure, Backend>): Promise<A> =>
  Effect.runPromise(
    stage.definition.uses?.includes("backend") === true
      ? Backend.use((b) => b.run(Tensors.leakFree(program))).pipe(Effect.provide(testBackend))
      : (program as Effect.Effect<A, StageFailure>),
  )

export const run = (stage: AnyStage, inputs: object, parameters: object = {}, saved?: Checkpoint<any>) =>
  go(stage, runStage(stage, { inputs, parameters, values, ...(saved && { saved }) }))

export const failure = (stage: AnyStage, inputs: object, parameters: object = {}) =>
  go(stage, failureOf(stage, { inputs, parameters, values }))

/** What tensors hold that synchronous code gives; nothing may be left behind. */
export const read = (compute: () => ReadonlyArray<Tensor>): Promise<ReadonlyArray<ReadonlyArray<number>>> => {
  const work = Backend.use((backend) =>
    backend.run(
      Effect.promise(async () => {
        const out = tf.tidy(() => [...compute()])
        const values = await Promise.all(out.map(async (tensor) => [...(await tensor.data())]))
        tf.dispose(out)
        return values
      }),
    ),
  )
  return Effect.runPromise(Effect.provide(Tensors.leakFree(work), testBackend))
}
