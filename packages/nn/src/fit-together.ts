/** Networks that are trained together, each by a loss in which the outputs of the others are constants. */
import type { Parameters } from "@relent/arrow"
import { type Backend, detached, type Tensor, type TensorError, tf, branch, type Tree, within } from "@relent/tensor"
import { Effect } from "effect"
import type { Batch } from "./batch.ts"
import {
  type Course,
  follow,
  meanOf,
  type Method,
  type State,
  type TrainingDiverged,
  type TrainingInvalid,
} from "./course.ts"
import type { Gradients, Inputs } from "./objective.ts"
import type { Optimizer } from "./optimizer/optimizer.ts"
import type { TrainingState } from "./training-state.ts"

type Of<Name extends string, A> = { readonly [player in Name]: A }

/** One of several networks that see each other. */
export interface Player<Name extends string = string> {
  /** Parameters to start from; every tensor has a leading axis of members. */
  readonly start: Parameters
  /** What it and the others see of it, on a batch. */
  readonly outputs: (parameters: Tree, inputs: Tree) => Tensor
  /** Its loss of each row, `[members, size]`, from its own outputs and from all of them as constants. */
  readonly loss: (own: Tensor, all: Of<Name, Tensor>, inputs: Tree) => Tensor
}

export interface TrainingTogether<Name extends string, E = never> extends Course<E> {
  readonly players: Of<Name, Player<Name>>
  /** What a batch brings to all of them. */
  readonly inputs: (batch: Batch) => Inputs
  /** All gradients at the same parameters; or one player after the other, each at what those before it have become. */
  readonly update: "simultaneous" | "alternate"
  /** Each player has a state of its own. */
  readonly optimizer: Optimizer
  readonly report: (progress: {
    readonly step: number
    /** Of the last batch, averaged over members. */
    readonly losses: Of<Name, number>
  }) => Effect.Effect<void, E>
}

const namesOf = <Name extends string>(players: Of<Name, Player<Name>>) =>
  Object.keys(players) as unknown as ReadonlyArray<Name>
const of = <Name extends string, A>(names: ReadonlyArray<Name>, f: (name: Name) => A) =>
  Object.fromEntries(names.map((name) => [name, f(name)])) as Of<Name, A>

/** What a piece of a batch of `size` rows adds to the losses `[players, members]` of those whose turn it is, and to their gradients. */
const gradientsOf = <Name extends string>(
  players: Of<Name, Player<Name>>,
  turn: ReadonlyArray<Name>,
  parameters: Tree,
  inputs: Tree,
  size: number,
): Gradients => {
  const names = namesOf(players)
  const paths = Object.keys(parameters).filter((path) => turn.some((name) => path.startsWith(`${name}/`)))
  const losses = (...tensors: Array<Tensor>) => {
    const all: Tree = { ...parameters, ...Object.fromEntries(paths.map((path, i) => [path, tensors[i]!])) }
    const outputs = of(names, (name) => players[name].outputs(within(name, all), inputs))
    const constants = of(names, (name) => detached(() => tf.clone(outputs[name])))
    const lossOf = (name: Name) => players[name].loss(outputs[name], constants, inputs)
    return tf.stack(turn.map((name) => tf.div(tf.sum(lossOf(name), 1), size)))
  }
  const { value, grads } = tf.valueAndGrads(losses)(
    paths.map((path) => parameters[path]!),
    tf.ones([turn.length, parameters[paths[0]!]!.shape[0] ?? 1]), // of the sum over players and members
  )
  return { loss: value, gradients: Object.fromEntries(paths.map((path, i) => [path, grads[i]!])) }
}

const updated = (
  optimizer: Optimizer,
  turn: ReadonlyArray<string>,
  { parameters, state }: State,
  gradients: Tree,
  rates: Tree,
): State => {
  const next = turn.map((name) => {
    const own = [parameters, gradients, state].map((tree) => within(name, tree)) as [Tree, Tree, Tree]
    const made = optimizer.update(...own, rates)
    return { parameters: branch(name, made.parameters), state: branch(name, made.state) }
  })
  return {
    parameters: Object.assign({}, parameters, ...next.map((n) => n.parameters)) as Tree,
    state: Object.assign({}, state, ...next.map((n) => n.state)) as Tree,
  }
}

const descent = <Name extends string>(training: TrainingTogether<Name, any>): Method => {
  const { players, inputs, update, optimizer, batch } = training
  const names = namesOf(players)
  const turns = update === "simultaneous" ? [names] : names.map((name) => [name])
  const merged = <A>(f: (name: Name) => { readonly [path: string]: A }) =>
    Object.assign({}, ...names.map((name) => branch(name, f(name)))) as Record<string, A>
  return {
    start: merged((name) => players[name].start),
    init: (parameters) => merged((name) => optimizer.init(within(name, parameters))),
    rates: optimizer.rates,
    inputs,
    turns: turns.map((turn) => ({
      gradients: (parameters, given) => gradientsOf(players, turn, parameters, given, batch),
      update: (now, gradients, rates) => updated(optimizer, turn, now, gradients, rates),
    })),
  }
}

/**
 * Trains several networks on the same batches, and gives parameters and states of the optimiser in a branch for each. A player whose
 * loss doesn't look at the others is trained as by `fit`, bit for bit. Interruption and checkpoints are as in `fit`.
 *
 * @reference zhang2018deep
 */
export const fitTogether = <Name extends string, E = never>(
  training: TrainingTogether<Name, E>,
): Effect.Effect<TrainingState, E | TensorError | TrainingInvalid | TrainingDiverged, Backend> =>
  follow(training, descent(training), (step, losses) => {
    const { players, members } = training
    const names = namesOf(players)
    const lossOf = (name: Name) => {
      const i = names.indexOf(name)
      return meanOf(losses.subarray(i * members, (i + 1) * members))
    }
    return training.report({ step, losses: of(names, lossOf) })
  })
