/** Training by one objective. */
import type { Parameters } from "@relent/arrow"
import type { Backend, TensorError } from "@relent/tensor"
import { Effect } from "effect"
import { type Course, follow, meanOf, type Method, type TrainingDiverged, type TrainingInvalid } from "./course.ts"
import { broughtBy, gradientsOf, LossCoupled, type Objective } from "./objective.ts"
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

const descent = ({ start, objective, optimizer, batch }: Training<any>): Method => ({
  start,
  init: optimizer.init,
  rates: optimizer.rates,
  inputs: (piece, whole) => broughtBy(objective, piece, whole),
  turns: [
    {
      gradients: (parameters, inputs) => gradientsOf(objective, parameters, inputs, batch),
      update: (now, gradients, rates) => optimizer.update(now.parameters, gradients, now.state, rates),
    },
  ],
})

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
