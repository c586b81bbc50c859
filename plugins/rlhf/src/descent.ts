/** The loop of every stage that trains a policy: Adam on its parameters in float64, checkpoints, the same numbers when it is resumed. */
import { descend, Descent, descentFrom } from "@relent/nn/float64"
import type { Policy } from "@relent/sequence"
import { parametersOf, withParameters } from "@relent/sequence/policies"
import type { Checkpoints, StageError } from "@relent/stage"
import { Effect, Option } from "effect"
import { distribution } from "./refuse.ts"

export interface Descending<Row, E, R> {
  readonly from: Policy
  readonly steps: number
  readonly learningRate: number
  /** Steps between two metrics and checkpoints. */
  readonly every: number
  /** The gradient of what is made small, and the metrics of the step if they are asked for. */
  readonly step: (
    policy: Policy,
    step: number,
  ) => Effect.Effect<{ readonly gradient: Float64Array; readonly row: () => Effect.Effect<Row, E, R> }, E, R>
  readonly emit: (row: { readonly step: number } & Row) => Effect.Effect<void>
  readonly progress: (done: number, total: number) => Effect.Effect<void>
  readonly checkpoint: Checkpoints<Descent>
}

/** Trains; metrics of step n are those of its batch, under the policy before it. */
export const descending = <Row, E, R>(given: Descending<Row, E, R>) =>
  Effect.gen(function* () {
    const { from, steps, learningRate, every, checkpoint } = given
    const policyAt = ({ parameters }: Descent): Effect.Effect<Policy, StageError> =>
      distribution(() => withParameters(from, parameters), "make 'learningRate' smaller")
    const saved = yield* checkpoint.load
    const begin = Option.match(saved, { onNone: () => 0, onSome: ({ step }) => step })
    let state = Option.match(saved, {
      onNone: () => descentFrom(parametersOf(from)),
      onSome: ({ state }) => state,
    })
    for (let step = begin; step < steps; step++) {
      const { gradient, row } = yield* given.step(yield* policyAt(state), step)
      state = descend(state, gradient, { step: step + 1, learningRate })
      if ((step + 1) % every !== 0 && step + 1 !== steps) {
        yield* Effect.yieldNow
        continue
      }
      yield* given.progress(step + 1, steps)
      yield* given.emit({ step: step + 1, ...(yield* row()) })
      if (step + 1 < steps) yield* checkpoint.save({ step: step + 1, state })
    }
    return yield* policyAt(state)
  })
