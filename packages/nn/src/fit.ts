/** The training loop: batches, gradients, Adam; metrics and checkpoints as it goes; the same bytes when it is cut and resumed. */
import type { Parameters } from "@relent/arrow"
import type { Source } from "@relent/random"
import { type Owner, type Tensor, Tensors, tf } from "@relent/tensor"
import { Effect, Option } from "effect"
import { adamDefaults, type AdamState, adamStep, initAdam } from "./adam.ts"
import { type Features, gatherRows } from "./features.ts"
import { applyMlp, initMlp } from "./mlp.ts"
import { type ScheduleName, schedules } from "./schedule.ts"
import { fromDevice, toDevice, type Tree } from "./tree.ts"

/** Where training stands: what a checkpoint holds. */
export interface TrainingState {
  readonly parameters: Parameters
  readonly mean: Parameters
  readonly square: Parameters
}

export interface Batch {
  /** `[members, batch, features]` */
  readonly x: Tensor
  /** Row numbers of each member, one after the other. */
  readonly rows: Int32Array
}

export interface Training<E = never> {
  readonly widths: ReadonlyArray<number>
  readonly members: number
  readonly features: Features
  readonly steps: number
  readonly batch: number
  readonly learningRate: number
  readonly schedule: ScheduleName
  readonly weightDecay: number
  /** One number a row, `[members, batch]`, from the logits of a batch. */
  readonly loss: (logits: Tensor, batch: Batch) => Tensor
  readonly random: Source
  /** Reports the mean loss of the members, every so many steps. */
  readonly every: number
  readonly report: (step: number, loss: number) => Effect.Effect<void>
  readonly load: Effect.Effect<Option.Option<{ readonly step: number; readonly state: TrainingState }>, E>
  readonly save: (step: number, state: TrainingState) => Effect.Effect<void>
}

/** The rows of a step: each member goes through its own orders of the data, an epoch after the other. */
const batchRows = ({ features, batch, members, random }: Training<any>) => {
  const rows = features.values.length / features.width
  const perEpoch = Math.floor(rows / batch)
  let known: { readonly epoch: number; readonly orders: ReadonlyArray<Int32Array> } | undefined
  return (step: number): Int32Array => {
    const epoch = Math.floor(step / perEpoch)
    if (known?.epoch !== epoch)
      known = { epoch, orders: Array.from({ length: members }, (_, m) => random("order", m, epoch).permutation(rows)) }
    const from = (step % perEpoch) * batch
    const out = new Int32Array(members * batch)
    known.orders.forEach((order, m) => out.set(order.subarray(from, from + batch), m * batch))
    return out
  }
}

interface State {
  readonly tree: Tree
  readonly adam: AdamState
}

const tensorsOf = ({ tree, adam }: State): ReadonlyArray<Tensor> =>
  [tree, adam.mean, adam.square].flatMap((t) => Object.values(t))

const start = (training: Training<any>, saved: Option.Option<{ readonly state: TrainingState }>): State => {
  if (Option.isNone(saved)) {
    const tree = toDevice(initMlp(training, training.random))
    return { tree, adam: initAdam(tree) }
  }
  const { parameters, mean, square } = saved.value.state
  return { tree: toDevice(parameters), adam: { mean: toDevice(mean), square: toDevice(square) } }
}

/** Loss and gradients; the loss is summed over members, so that each has its own gradient. */
const gradientsOf = (training: Training<any>, tree: Tree, batch: Batch) => {
  const paths = Object.keys(tree)
  let perMember: Tensor | undefined
  const total = (...tensors: Array<Tensor>) => {
    const rows = training.loss(
      applyMlp(Object.fromEntries(paths.map((path, i) => [path, tensors[i]!])), batch.x),
      batch,
    )
    perMember = tf.mean(rows, -1)
    return tf.sum(perMember)
  }
  const { value, grads } = tf.valueAndGrads(total)(paths.map((path) => tree[path]!))
  return { loss: value, gradients: Object.fromEntries(paths.map((path, i) => [path, grads[i]!])) }
}

const trainStep = (training: Training<any>, state: State, step: number, rows: Int32Array) => {
  const { features, members, batch, learningRate, schedule, steps, weightDecay } = training
  const values = new Float32Array(rows.length * features.width)
  gatherRows(features, rows, values)
  const x = tf.tensor3d(values, [members, batch, features.width])
  const { loss, gradients } = gradientsOf(training, state.tree, { x, rows })
  const rate = schedules[schedule](learningRate, step, steps)
  const { tree, state: adam } = adamStep(state.tree, gradients, state.adam, step + 1, rate, {
    ...adamDefaults,
    weightDecay,
  })
  return { tree, adam, loss: tf.div(loss, members) }
}

const read = ({ tree, adam }: State) =>
  Effect.promise(async (): Promise<TrainingState> => ({
    parameters: await fromDevice(tree),
    mean: await fromDevice(adam.mean),
    square: await fromDevice(adam.square),
  }))

/** One step; the tensors of the state before it are disposed of. */
const advance = (owner: Owner, training: Training<any>, state: State, step: number, rows: Int32Array) => {
  let next: (State & { readonly loss: Tensor }) | undefined
  owner.compute(() => {
    next = trainStep(training, state, step, rows)
    return [...tensorsOf(next), next.loss]
  })
  owner.release([...tensorsOf(state)])
  return next!
}

/** Trains, and gives the parameters. Interruption is answered after at most one step; no tensor outlives it. */
export const fit = <E>(training: Training<E>): Effect.Effect<Parameters, E> =>
  Effect.scoped(
    Effect.gen(function* () {
      const owner = yield* Tensors.scoped
      const saved = yield* training.load
      const rowsAt = batchRows(training)
      let state = start(training, saved)
      owner.own([...tensorsOf(state)])
      const { steps, every } = training
      for (let step = Option.match(saved, { onNone: () => 0, onSome: (s) => s.step }); step < steps; step++) {
        const { loss, ...next } = advance(owner, training, state, step, rowsAt(step))
        state = next
        const isLast = step === steps - 1
        if (step % every === every - 1 || isLast) {
          const [mean] = yield* Effect.promise(() => loss.data())
          yield* training.report(step + 1, mean!)
          if (!isLast) yield* training.save(step + 1, yield* read(state))
        }
        owner.release(loss)
        yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
      }
      return yield* Effect.promise(() => fromDevice(state.tree))
    }),
  )
