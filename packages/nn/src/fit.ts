/** Training by one objective. */
import type { Parameters } from "@relent/arrow"
import { type Backend, type Owner, type TensorError, tf } from "@relent/tensor"
import { Effect } from "effect"
import { type Batch, pieces } from "./batch.ts"
import { breathe, type Course, follow, meanOf, type Method, replace, TrainingInvalid } from "./course.ts"
import { type Gradients, gradientsOf, LossCoupled, type Objective, totalWeights } from "./objective.ts"
import type { Optimizer } from "./optimizer/optimizer.ts"
import { mapTree, type Tree } from "./tree.ts"
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
  /** Gradients are summed over pieces of so many rows a member, by default the batch: less memory, shorter stretches. */
  readonly piece?: number
  readonly optimizer: Optimizer
  readonly report: (progress: Progress) => Effect.Effect<void, E>
}

const invalid = ({ batch, piece = batch, objective }: Training<any>) => {
  if (batch % piece !== 0)
    return new TrainingInvalid({
      message: `a batch of ${batch} doesn't divide into pieces of ${piece}`,
      hint: "pieces divide the batch",
    })
  return piece < batch && !objective.separable ? new LossCoupled({ batch, piece }) : undefined
}

const add = (a: Gradients, b: Gradients): Gradients => ({
  loss: tf.add(a.loss, b.loss),
  gradients: mapTree(a.gradients, (g, path) => tf.add(g, b.gradients[path]!)),
})

/** Gradients of a batch, piece by piece. */
const sumOf = (owner: Owner, { objective, piece }: Training<any>, parameters: Tree, batch: Batch) =>
  Effect.gen(function* () {
    const totals = totalWeights(objective, batch)
    let sum: Gradients | undefined
    for (const part of pieces(batch, piece ?? batch.size)) {
      const before = sum
      sum = replace(owner, before, () => {
        const next = gradientsOf(objective, parameters, part, totals)
        return before === undefined ? next : add(before, next)
      })
      yield* breathe
    }
    return sum!
  })

const descent = (training: Training<any>): Method => ({
  start: training.start,
  init: training.optimizer.init,
  step: (owner, now, batch, at) =>
    Effect.map(sumOf(owner, training, now.parameters, batch), ({ loss, gradients }) => {
      const next = replace(owner, now, () => training.optimizer.update(now.parameters, gradients, now.state, at))
      owner.release(Object.values(gradients))
      return { now: next, losses: loss }
    }),
})

/**
 * Trains, and gives parameters and the optimiser's state. Interruption is answered within a piece of a batch or an update; no tensor
 * outlives it. A run that goes on from a checkpoint ends in the same bytes.
 */
export const fit = <E>(
  training: Training<E>,
): Effect.Effect<TrainingState, E | TensorError | TrainingInvalid | LossCoupled, Backend> =>
  Effect.gen(function* () {
    const problem = invalid(training)
    if (problem !== undefined) return yield* problem
    return yield* follow(training, descent(training), (step, losses) =>
      training.report({ step, loss: meanOf(losses), losses }),
    )
  })
