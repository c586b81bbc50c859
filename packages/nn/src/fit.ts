/** The training loop: the same bytes when it is cut and resumed, an answer to interruption after every piece of a batch. */
import type { Parameters } from "@relent/arrow"
import type { Source } from "@relent/random"
import { Backend, type Owner, type TensorError, Tensors, tf } from "@relent/tensor"
import { Data, Effect, Option } from "effect"
import { type Batch, batches, pieces } from "./batch.ts"
import { type Gradients, gradientsOf, LossCoupled, type Objective, totalWeights } from "./objective.ts"
import type { Optimizer } from "./optimizer/optimizer.ts"
import type { Schedule } from "./schedule.ts"
import { fromDevice, mapTree, toDevice, type Tree } from "./tree.ts"
import type { TrainingState } from "./training-state.ts"

/** A training that can't begin. */
export class TrainingInvalid extends Data.TaggedError("TrainingInvalid")<{
  readonly message: string
  readonly hint: string
}> {}

/** What is reported while training. */
export interface Progress {
  /** Steps done. */
  readonly step: number
  /** The loss of the last batch, averaged over members. */
  readonly loss: number
  /** The same for each member. */
  readonly losses: Float32Array
}

export interface Training<E = never> {
  /** Parameters to start from; every tensor has a leading axis of members. */
  readonly start: Parameters
  readonly members: number
  readonly objective: Objective
  /** Rows of the data. */
  readonly examples: number
  /** Rows a member and step. */
  readonly batch: number
  /** Gradients are summed over pieces of so many rows a member, by default the batch: less memory, shorter stretches. */
  readonly piece?: number
  readonly steps: number
  readonly optimizer: Optimizer
  readonly learningRate: number
  readonly schedule: Schedule
  readonly random: Source
  /** Progress is reported, and then a checkpoint saved, after so many steps, and reported after the last one. */
  readonly every: number
  readonly report: (progress: Progress) => Effect.Effect<void>
  readonly checkpoint: {
    readonly load: Effect.Effect<Option.Option<{ readonly step: number; readonly state: TrainingState }>, E>
    readonly save: (checkpoint: { readonly step: number; readonly state: TrainingState }) => Effect.Effect<void>
  }
}

const invalid = ({ examples, batch, piece = batch, objective }: Training<any>) => {
  if (batch > examples)
    return new TrainingInvalid({
      message: `a batch of ${batch} can't be drawn from ${examples} examples`,
      hint: "make the batch smaller",
    })
  if (batch % piece !== 0)
    return new TrainingInvalid({
      message: `a batch of ${batch} doesn't divide into pieces of ${piece}`,
      hint: "pieces divide the batch",
    })
  return piece < batch && !objective.separable ? new LossCoupled({ batch, piece }) : undefined
}

/** Lets everything else in the process have its turn, an interruption above all. */
const breathe = Effect.promise(() => new Promise<void>((resolve) => setImmediate(resolve)))

interface State {
  readonly parameters: Tree
  readonly state: Tree
}

const add = (a: Gradients, b: Gradients): Gradients => ({
  loss: tf.add(a.loss, b.loss),
  gradients: mapTree(a.gradients, (g, path) => tf.add(g, b.gradients[path]!)),
})
const flat = (...trees: ReadonlyArray<Tree>) => trees.flatMap((tree) => Object.values(tree))

/** Owns what `f` makes instead of what it replaces. */
const replace = <T extends Gradients | State>(owner: Owner, old: T | undefined, f: () => T): T => {
  const tensors = (value: T) =>
    "loss" in value ? [value.loss, ...flat(value.gradients)] : flat(value.parameters, value.state)
  let made: T | undefined
  owner.compute(() => tensors((made = f())))
  const kept = new Set(tensors(made!))
  if (old !== undefined) owner.release(tensors(old).filter((tensor) => !kept.has(tensor)))
  return made!
}

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

const loop = <E>(training: Training<E>) =>
  Effect.gen(function* () {
    const { steps, every, optimizer, schedule, report, checkpoint } = training
    const owner = yield* Tensors.scoped
    const saved = yield* checkpoint.load
    const from = Option.match(saved, { onNone: () => 0, onSome: ({ step }) => step })
    let now = replace<State>(owner, undefined, () => {
      const parameters = toDevice(
        Option.match(saved, { onNone: () => training.start, onSome: (s) => s.state.parameters }),
      )
      return {
        parameters,
        state: Option.match(saved, {
          onNone: () => optimizer.init(parameters),
          onSome: (s) => toDevice(s.state.optimizer),
        }),
      }
    })
    const read = Effect.promise(async (): Promise<TrainingState> => ({
      kind: "training",
      parameters: await fromDevice(now.parameters),
      optimizer: await fromDevice(now.state),
    }))
    const batchAt = batches(training)
    for (let step = from; step < steps; step++) {
      const { loss, gradients } = yield* sumOf(owner, training, now.parameters, batchAt(step))
      const learningRate = training.learningRate * schedule(step, steps)
      const before = now
      now = replace(owner, before, () =>
        optimizer.update(before.parameters, gradients, before.state, { step: step + 1, learningRate }),
      )
      if ((step + 1) % every === 0 || step + 1 === steps) {
        const losses = (yield* Effect.promise(() => loss.data())) as Float32Array
        const mean = losses.reduce((sum, l) => sum + l, 0) / losses.length
        yield* report({ step: step + 1, loss: mean, losses })
        if (step + 1 < steps) yield* checkpoint.save({ step: step + 1, state: yield* read })
      }
      owner.release([loss, ...flat(gradients)])
      yield* breathe
    }
    return yield* read
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
    const backend = yield* Backend
    return yield* backend.run(Effect.scoped(loop(training)))
  })
