/** Runs one stage by itself. */
import type { AnyStage } from "@relent/stage"
import { failureOf, type Given, runStage } from "@relent/stage/testing"
import { Effect } from "effect"

export const run = (stage: AnyStage, given: Given) => Effect.runPromise(runStage(stage, given))
export const failure = (stage: AnyStage, given: Given) => Effect.runPromise(failureOf(stage, given))
