/** Runs one stage by itself. */
import type { AnyStage, Checkpoint } from "@relent/stage"
import { failureOf, runStage, type StageFailure } from "@relent/stage/testing"
import { Backend, Tensors } from "@relent/tensor"
import { testBackend } from "@relent/tensor/testing"
import { Effect } from "effect"

/** With the backend where the stage uses it; a tensor left behind fails the test. */
const go = <A>(stage: AnyStage, program: Effect.Effect<A, StageFailure, Backend>): Promise<A> =>
  Effect.runPromise(
    stage.definition.uses?.includes("backend") === true
      ? Backend.use((b) => b.run(Tensors.leakFree(program))).pipe(Effect.provide(testBackend))
      : (program as Effect.Effect<A, StageFailure>),
  )

export const run = (stage: AnyStage, inputs: object, parameters: object = {}, saved?: Checkpoint<any>) =>
  go(stage, runStage(stage, { inputs, parameters, ...(saved && { saved }) }))

export const failure = (stage: AnyStage, inputs: object, parameters: object = {}) =>
  go(stage, failureOf(stage, { inputs, parameters }))
