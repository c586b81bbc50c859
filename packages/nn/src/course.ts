/** The training loop: the same bytes when it is cut and resumed, an answer to interruption after every step of the method. */
import type { Parameters } from "@relent/arrow"
import type { Source } from "@relent/random"
import { Backend, type Owner, type Tensor, type TensorError, Tensors, tf } from "@relent/tensor"
import { Data, Effect, Option } from "effect"
import { type Batch, batches, pieces } from "./batch.ts"
import { breathe } from "./breathe.ts"
import type { Gradients } from "./objective.ts"
import type { Schedule } from "./schedule.ts"
import { fromDevice, mapTree, toDevice, type Tree } from "./tree.ts"
import type { TrainingState } from "./training-state.ts"

/** A training that can't begin. */
export class TrainingInvalid extends Data.TaggedError("TrainingInvalid")<{
  readonly message: string
  readonly hint: string
}> {}

/** A training whose numbers have left the finite ones: nothing of it is kept. */
export class TrainingDiverged extends Data.TaggedError("TrainingDiverged")<{
  /** Steps done. */
  readonly step: number
  /** What was found: a loss, or the parameter of this path. */
  readonly what: string
}> {
  readonly hint = "make the learning rate smaller, clip the gradient, or look for extreme values in the data"
  override get message() {
    return `the training diverged: after step ${this.step} ${this.what} isn't finite`
  }
}

/** What every training is told, however its gradients are taken. */
export interface Course<E = never> {
  readonly members: number
  /** Rows of the data. */
  readonly examples: number
  /** Rows a member and step. */
  readonly batch: number
  /** Gradients are summed over pieces of so many rows a member, by default the batch: less memory, shorter stretches. */
  readonly piece?: number
  readonly steps: number
  readonly learningRate: number
  readonly schedule: Schedule
  readonly random: Source
  /** Progress is reported, and then a checkpoint saved, after so many steps, and reported after the last one. */
  readonly every: number
  readonly checkpoint: {
    readonly load: Effect.Effect<Option.Option<{ readonly step: number; readonly state: TrainingState }>, E>
    readonly save: (checkpoint: { readonly step: number; readonly state: TrainingState }) => Effect.Effect<void>
  }
}

const invalid = ({ examples, batch, piece = batch }: Course<any>) => {
  if (batch > examples)
    return new TrainingInvalid({
      message: `a batch of ${batch} can't be drawn from ${examples} examples`,
      hint: "make the batch smaller",
    })
  return batch % piece === 0
    ? undefined
    : new TrainingInvalid({
        message: `a batch of ${batch} doesn't divide into pieces of ${piece}`,
        hint: "pieces divide the batch",
      })
}

/** Where the training stands on the device. */
export interface State {
  readonly parameters: Tree
  readonly state: Tree
}

/** How a training goes a step further. */
export interface Method {
  readonly start: Parameters
  readonly init: (parameters: Tree) => Tree
  /** Gives what replaces the state, and the losses of the batch, `[..., members]`; what it made besides is released. */
  readonly step: (
    owner: Owner,
    now: State,
    batch: Batch,
    at: { readonly step: number; readonly learningRate: number },
  ) => Effect.Effect<{ readonly now: State; readonly losses: Tensor }>
}

const flat = (...trees: ReadonlyArray<Tree>) => trees.flatMap((tree) => Object.values(tree))

/** Owns what `f` makes instead of what it replaces. */
export const replace = <T extends Gradients | State>(owner: Owner, old: T | undefined, f: () => T): T => {
  const tensors = (value: T) =>
    "loss" in value ? [value.loss, ...flat(value.gradients)] : flat(value.parameters, value.state)
  let made: T | undefined
  owner.compute(() => tensors((made = f())))
  const kept = new Set(tensors(made!))
  if (old !== undefined) owner.release(tensors(old).filter((tensor) => !kept.has(tensor)))
  return made!
}

const add = (a: Gradients, b: Gradients): Gradients => ({
  loss: tf.add(a.loss, b.loss),
  gradients: mapTree(a.gradients, (g, path) => tf.add(g, b.gradients[path]!)),
})

/** Gradients of a batch, piece by piece, from what each piece adds to them. */
export const accumulated = (
  owner: Owner,
  { piece }: Course<any>,
  batch: Batch,
  gradientsOf: (piece: Batch) => Gradients,
): Effect.Effect<Gradients> =>
  Effect.gen(function* () {
    let sum: Gradients | undefined
    for (const part of pieces(batch, piece ?? batch.size)) {
      const before = sum
      sum = replace(owner, before, () => {
        const next = gradientsOf(part)
        return before === undefined ? next : add(before, next)
      })
      yield* breathe
    }
    return sum!
  })

const loop = <E>(
  course: Course<E>,
  { start, init, step }: Method,
  report: (step: number, losses: Float32Array) => Effect.Effect<void, E>,
) =>
  Effect.gen(function* () {
    const { steps, every, schedule, checkpoint } = course
    const owner = yield* Tensors.scoped
    const saved = yield* checkpoint.load
    const from = Option.match(saved, { onNone: () => 0, onSome: ({ step }) => step })
    let now = replace<State>(owner, undefined, () => {
      const parameters = toDevice(Option.match(saved, { onNone: () => start, onSome: (s) => s.state.parameters }))
      return {
        parameters,
        state: Option.match(saved, {
          onNone: () => init(parameters),
          onSome: (s) => toDevice(s.state.optimizer),
        }),
      }
    })
    const read = Effect.promise(async (): Promise<TrainingState> => ({
      kind: "training",
      parameters: await fromDevice(now.parameters),
      optimizer: await fromDevice(now.state),
    }))
    const batchAt = batches(course)
    yield* breathe // what came before, and the first step, are long
    for (let done = from; done < steps; done++) {
      const learningRate = course.learningRate * schedule(done, steps)
      const next = yield* step(owner, now, batchAt(done), { step: done + 1, learningRate })
      now = next.now
      if ((done + 1) % every === 0 || done + 1 === steps) {
        const losses = (yield* Effect.promise(() => next.losses.data())) as Float32Array
        if (!losses.every(Number.isFinite)) return yield* new TrainingDiverged({ step: done + 1, what: "a loss" })
        yield* report(done + 1, losses)
        if (done + 1 < steps) yield* checkpoint.save({ step: done + 1, state: yield* read })
      }
      owner.release(next.losses)
      yield* breathe
    }
    const ended = yield* read
    const lost = Object.entries(ended.parameters).find(([, { values }]) => !values.every((v) => Number.isFinite(v)))
    return lost === undefined ? ended : yield* new TrainingDiverged({ step: steps, what: `parameter '${lost[0]}'` })
  })

/** Runs a course by a method; `report` has the losses of the method's last step. */
export const follow = <E>(
  course: Course<E>,
  method: Method,
  report: (step: number, losses: Float32Array) => Effect.Effect<void, E>,
): Effect.Effect<TrainingState, E | TensorError | TrainingInvalid | TrainingDiverged, Backend> =>
  Effect.gen(function* () {
    const problem = invalid(course)
    if (problem !== undefined) return yield* problem
    const backend = yield* Backend
    return yield* backend.run(Effect.scoped(loop(course, method, report)))
  })

/** The mean of some numbers. */
export const meanOf = (values: Float32Array): number => values.reduce((sum, v) => sum + v, 0) / values.length
