/** Training by one objective. */
import type { Parameters } from "@relent/arrow"
import type { Backend, TensorError } from "@relent/tensor"
import { Effect } from "effect"
import {
  accumulated,
  type Course,
  follow,
  meanOf,
  type Method,
  replace,
  type TrainingDiverged,
  type TrainingInvalid,
} from "./course.ts"
import { gradientsOf, LossCoupled, type Objective, totalWeights } from "./objective.ts"
import type { Optimizer } from "./optimizer/optimizer.ts"
import type { TrainingState } from "./training-state.ts"

/** What is reported while training. */
export interface Progress {
  /** Steps done. */
  readonly step: number
  /** The loss of the last batch, averaged over members. */
  readonly loss: number
  /** The same for each member. */
  readonly losses: Float32Array
}

export interface Training<E = never> extends Course<E> {
  /** Parameters to start from; every tensor has a leading axis of members. */
  readonly start: Parameters
  readonly objective: Objective
  readonly optimizer: Optimizer
  readonly report: (progress: Progress) => Effect.Effect<void, E>
}

const descent = (training: Training<any>): Method => {
  const { start, objective, optimizer } = training
  return {
    start,
    init: optimizer.init,
    step: Effect.fnUntraced(function* (owner, now, batch, at) {
      const totals = totalWeights(objective, batch)
      const { loss, gradients } = yield* accumulated(owner, training, batch, (piece) =>
        gradientsOf(objective, now.parameters, piece, totals),
      )
      const next = replace(owner, now, () => optimizer.update(now.parameters, gradients, now.state, at))
      owner.release(Object.values(gradients))
      return { now: next, losses: loss }
    }),
  }
}

/**
 * Trains, and gives parameters and the optimiser's state. Interruption is answered within a piece of a batch or an update; no tensor
 * outlives it. A run that goes on from a checkpoint ends in the same bytes.
 */
export const fit = <E>(
  training: Training<E>,
): Effect.Effect<TrainingState, E | TensorError | TrainingInvalid | TrainingDiverged | LossCoupled, Backend> =>
  Effect.gen(function* () {
    const { objective, batch, piece = batch } = training
    if (piece < batch && !objective.separable) return yield* new LossCoupled({ batch, piece })
    return yield* follow(training, descent(training), (step, losses) =>
      training.report({ step, loss: meanOf(losses), losses }),
    )
  })
