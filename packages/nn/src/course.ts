/** The training loop: the same bytes when it is cut and resumed, an answer to interruption after every step of the method. */
import { type Parameters, tensorValue } from "@relent/arrow"
import type { Source } from "@relent/random"
import {
  Backend,
  branch,
  mapTree,
  type Owner,
  record,
  type Step,
  type Tensor,
  type TensorError,
  Tensors,
  tf,
  toDevice,
  type Tree,
  within,
  zerosLike,
} from "@relent/tensor"
import { Data, Effect, Option } from "effect"
import { type Batch, batches, pieces } from "./batch.ts"
import { breathe } from "./breathe.ts"
import type { Gradients, Inputs } from "./objective.ts"
import type { At, Optimizer } from "./optimizer/optimizer.ts"
import type { Schedule } from "./schedule.ts"
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

/** How a training goes a step further: turns one after the other, each by gradients at what the one before has made. */
export interface Method {
  readonly start: Parameters
  readonly init: (parameters: Tree) => Tree
  /** What a piece of a batch brings to the device. */
  readonly inputs: (piece: Batch, batch: Batch) => Inputs
  readonly turns: ReadonlyArray<Turn>
  readonly rates: Optimizer["rates"]
}
export interface Turn {
  /** What a piece of a batch adds to the losses `[..., members]`, and to the gradients. */
  readonly gradients: (parameters: Tree, inputs: Tree) => Gradients
  readonly update: (now: State, gradients: Tree, rates: Tree) => State
}

const stateOf = (tree: Tree): State => ({ parameters: within("parameters", tree), state: within("optimizer", tree) })
const treeOf = ({ parameters, state }: State): Tree => ({
  ...branch("parameters", parameters),
  ...branch("optimizer", state),
})

/** A whole step in one. */
const whole =
  ({ turns }: Method): Step =>
  (tree, inputs) => {
    const [given, rates] = [within("batch", inputs), within("rates", inputs)]
    let now = stateOf(tree)
    const losses = turns.map(({ gradients, update }) => {
      const found = gradients(now.parameters, given)
      now = update(now, found.gradients, rates)
      return found.loss
    })
    return { state: treeOf(now), outputs: { losses: losses.length === 1 ? losses[0]! : tf.concat(losses) } }
  }

/** A turn in pieces: gradients are summed in the state. */
const piecewise = ({ gradients, update }: Turn): { readonly add: Step; readonly end: Step } => ({
  add: (tree, inputs) => {
    const { loss, gradients: found } = gradients(stateOf(tree).parameters, within("batch", inputs))
    const sums = within("sums", tree)
    const next = mapTree(found, (g, path) => tf.add(sums[path]!, g))
    return { state: { ...tree, ...branch("sums", next) }, outputs: { loss } }
  },
  end: (tree, inputs) => {
    const sums = within("sums", tree)
    const now = update(stateOf(tree), sums, within("rates", inputs))
    return { state: { ...treeOf(now), ...branch("sums", zerosLike(sums)) }, outputs: {} }
  },
})

/** What a step of the training is made of: the batch in one, or in pieces with a breath between them. */
const stepper = (course: Course<any>, method: Method, owner: Owner, start: () => Tree) =>
  Effect.gen(function* () {
    const { batch, piece = batch } = course
    const scalars = (at: At): Parameters =>
      branch(
        "rates",
        Object.fromEntries(
          Object.entries(method.rates(at)).map(([name, value]) => [
            name,
            tensorValue("float32", Float32Array.of(value), []),
          ]),
        ),
      )
    if (piece === batch) {
      const { run, read } = yield* record({ start, steps: { step: whole(method) } })
      const step = (batch: Batch, at: At) =>
        Effect.map(run("step", { ...branch("batch", method.inputs(batch, batch)), ...scalars(at) }), ({ losses }) =>
          owner.own(losses!),
        )
      return { step, read }
    }
    const turns = method.turns.map((turn, i) =>
      Object.entries(piecewise(turn)).map(([name, f]) => [`${name}${i}`, f] as const),
    )
    const { run, read } = yield* record({
      start: () => {
        const tree = start()
        return { ...tree, ...branch("sums", zerosLike(stateOf(tree).parameters)) }
      },
      steps: Object.fromEntries<Step>(turns.flat()),
    })
    const step = (batch: Batch, at: At) =>
      Effect.gen(function* () {
        const losses: Array<Tensor> = []
        for (const i of method.turns.keys()) {
          let sum: Tensor | undefined
          for (const part of pieces(batch, piece)) {
            const { loss } = yield* run(`add${i}`, branch("batch", method.inputs(part, batch)))
            const before = sum
            sum = before === undefined ? owner.own(loss!) : owner.compute(() => tf.add(before, loss!))
            if (before !== undefined) owner.release([before, owner.own(loss!)])
            yield* breathe
          }
          yield* run(`end${i}`, scalars(at))
          losses.push(sum!)
        }
        if (losses.length === 1) return losses[0]!
        const all = owner.compute(() => tf.concat(losses))
        owner.release(losses)
        return all
      })
    return { step, read }
  })

const loop = <E>(
  course: Course<E>,
  method: Method,
  report: (step: number, losses: Float32Array) => Effect.Effect<void, E>,
) =>
  Effect.gen(function* () {
    const { steps, every, schedule, checkpoint } = course
    const owner = yield* Tensors.scoped
    const saved = yield* checkpoint.load
    const from = Option.match(saved, { onNone: () => 0, onSome: ({ step }) => step })
    const { step, read } = yield* stepper(course, method, owner, () => {
      const parameters = toDevice(
        Option.match(saved, { onNone: () => method.start, onSome: (s) => s.state.parameters }),
      )
      const state = Option.match(saved, {
        onNone: () => method.init(parameters),
        onSome: (s) => toDevice(s.state.optimizer),
      })
      return treeOf({ parameters, state })
    })
    const stand = Effect.map(read, (tree): TrainingState => ({
      kind: "training",
      parameters: within("parameters", tree),
      optimizer: within("optimizer", tree),
    }))
    const batchAt = batches(course)
    yield* breathe // what came before, and the first step, are long
    for (let done = from; done < steps; done++) {
      const losses = yield* step(batchAt(done), {
        step: done + 1,
        learningRate: course.learningRate * schedule(done, steps),
      })
      if ((done + 1) % every === 0 || done + 1 === steps) {
        const values = (yield* Effect.promise(() => losses.data())) as Float32Array
        if (!values.every(Number.isFinite)) return yield* new TrainingDiverged({ step: done + 1, what: "a loss" })
        yield* report(done + 1, values)
        if (done + 1 < steps) yield* checkpoint.save({ step: done + 1, state: yield* stand })
      }
      owner.release(losses)
      yield* breathe
    }
    const ended = yield* stand
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
