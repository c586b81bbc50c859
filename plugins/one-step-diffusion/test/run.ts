/** Runs one stage by itself. */
import type { AnyStage } from "@relent/stage"
import { failureOf, type Given, runStage } from "@relent/stage/testing"
import { Effect } from "effect"

export const ran = (stage: AnyStage, inputs: object, parameters: object = {}, more: Given = {}) =>
  Effect.runPromise(runStage(stage, { seed: 101, inputs, parameters, ...more }))

export const run = async (...given: Parameters<typeof ran>) => (await ran(...given)).outputs

export const failure = (stage: AnyStage, inputs: object, parameters: object = {}) =>
  Effect.runPromise(failureOf(stage, { inputs, parameters }))
