/** Runs one stage by itself. */
import type { AnyStage } from "@relent/stage"
import { failureOf, type Given, runStage } from "@relent/stage/testing"
import { Backend, Tensors } from "@relent/tensor"
import { testBackend } from "@relent/tensor/testing"
import { Effect } from "effect"

/** On a backend, where a tensor left behind fails the test. */
const on = <A, E>(effect: Effect.Effect<A, E, Backend>): Promise<A> =>
  Effect.runPromise(Backend.use((b) => b.run(Tensors.leakFree(effect))).pipe(Effect.provide(testBackend)))

export const ran = (stage: AnyStage, inputs: object, parameters: object = {}, more: Given = {}) =>
  on(runStage<Backend>(stage, { seed: 101, inputs, parameters, ...more }))

export const run = async (...given: Parameters<typeof ran>) => (await ran(...given)).outputs

export const failure = (stage: AnyStage, inputs: object, parameters: object = {}) =>
  on(failureOf<Backend>(stage, { inputs, parameters }))
