/** Runs a stage by itself. */
import type { TrainingState } from "@relent/nn"
import type { Source } from "@relent/random"
import type { AnyStage } from "@relent/stage"
import { runStage } from "@relent/stage/testing"
import { Backend, Tensors } from "@relent/tensor"
import { testBackend } from "@relent/tensor/testing"
import { Effect } from "effect"
import { losses } from "../src/loss/index.ts"
import { selfLosses } from "../src/self-loss/index.ts"

/** What a stage said while it ran. */
export interface Said {
  readonly warnings: Array<string>
  readonly states: Array<TrainingState>
  readonly metrics: Array<Readonly<Record<string, any>>>
}
export const silence = (): Said => ({ warnings: [], states: [], metrics: [] })

/** Other than at the start, with draws of the stage's own. */
export interface Conditions {
  readonly from?: { readonly step: number; readonly state: TrainingState }
  readonly random?: Source
}

/** The outputs; a tensor left behind fails the test. */
export const run = async (
  stage: AnyStage,
  inputs: object,
  parameters: object = {},
  said = silence(),
  { from, random }: Conditions = {},
): Promise<Record<string, any>> => {
  const values = [...losses, ...selfLosses]
  const given = { inputs, parameters, values, ...(from && { saved: from }), ...(random && { random }) }
  const program = Backend.use((b) => b.run(Tensors.leakFree(runStage<Backend>(stage, given))))
  const { outputs, warnings, checkpoints, metrics } = await Effect.runPromise(Effect.provide(program, testBackend))
  said.warnings.push(...warnings)
  said.states.push(...checkpoints.map(({ state }) => state))
  said.metrics.push(...metrics)
  return outputs
}

export const failure = (...given: Parameters<typeof run>) =>
  run(...given).then(
    () => "no failure",
    (error: Error) => error.message,
  )
