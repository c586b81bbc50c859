/** What every training stage of this plugin shares: orElse(its parameters, its checkpoint, its loop. */
import { Column, type Parameters } from "@relent/arrow"
import {
  applyMlp,
  type Batch,
  coupled,
  type Features,
  fit,
  initMlp,
  type Inputs,
  inputOf,
  inputsOf,
  type MlpShape,
  type Model,
  type Objective,
  type Optimizer,
  optimizerParameter,
  type Schedule,
  scheduleParameter,
  separable,
  type TrainingState,
} from "@relent/nn"
import { Count, type Named, orElse, Positive } from "@relent/named"
import type { StageContext } from "@relent/stage"
import { type Tensor, tf, type Tree } from "@relent/tensor"
import { Effect, Schema } from "effect"

/** Parameters of a training stage. */
export const trainingParameters = {
  hidden: orElse(Schema.Array(Count).annotate({ description: "widths of the hidden layers" }), [256]),
  members: orElse(Count.annotate({ description: "networks trained side by side, each with draws of its own" }), 1),
  steps: orElse(Count, 500),
  batch: orElse(Count, 100),
  learningRate: orElse(Positive, 1e-3),
  schedule: orElse(scheduleParameter, "cosine"),
  optimizer: orElse(optimizerParameter, "adam"),
  piece: Schema.optionalKey(
    Count.annotate({ description: "rows taken at once, if not the whole batch: less memory, the same gradient" }),
  ),
  every: orElse(Count.annotate({ description: "steps between two metrics and checkpoints" }), 50),
}

/** Metrics of a training stage: the mean loss of the members. */
export const trainingMetrics = { loss: Column.float32 }

type Context = Pick<
  StageContext<unknown, {}, typeof trainingMetrics, TrainingState>,
  "emit" | "checkpoint" | "progress" | "random"
>

export interface Options {
  readonly hidden: ReadonlyArray<number>
  readonly members: number
  readonly steps: number
  readonly batch: number
  readonly piece?: number
  readonly learningRate: number
  readonly schedule: Named<Schedule>
  readonly optimizer: Named<Optimizer>
  readonly every: number
  readonly classes: number
  readonly features: Features
}

/** Passes over the data that are done at a step, from 0 in the first to 1 in the last of a training; 0 where there is one. */
export const passedAt = (step: number, steps: number, perPass: number): number => {
  const passes = Math.ceil(steps / perPass)
  return passes === 1 ? 0 : Math.floor(step / perPass) / (passes - 1)
}

interface By extends Options {
  readonly objective: (shape: MlpShape) => Objective
  /** Parameters that are trained along, and left out of the model. */
  readonly beside?: (shape: MlpShape) => Parameters
}

/** Trains a multilayer perceptron by an objective and gives the model. */
export const trainBy = (context: Context, { objective, beside = () => ({}), ...options }: By) => {
  const { hidden, classes, features, members, steps } = options
  const shape = { widths: [features.width, ...hidden, classes], members, activation: "relu" } as const
  const network = initMlp(shape, context.random)
  return fit({
    ...options,
    start: { ...network, ...beside(shape) },
    examples: features.values.length / features.width,
    objective: objective(shape),
    optimizer: options.optimizer.value,
    schedule: options.schedule.value,
    random: context.random,
    report: ({ step, loss }) => Effect.andThen(context.progress(step, steps), context.emit({ step, loss })),
    checkpoint: context.checkpoint,
  }).pipe(
    Effect.map(({ parameters }): Model => {
      const own = Object.fromEntries(Object.keys(network).map((path) => [path, parameters[path]!]))
      return { kind: "mlp", ...shape, input: inputOf(features), parameters: own }
    }),
  )
}

interface ByRow extends Options {
  /** What a batch brings besides its features. */
  readonly inputs: (batch: Batch) => Inputs
  /** One number a row, `[members, size]`, from the logits of a batch and what it brought. */
  readonly loss: (logits: Tensor, inputs: Tree) => Tensor
  /** Whether it depends on the other rows of its batch. */
  readonly coupled?: boolean
}

/** Trains a multilayer perceptron by a loss of its logits and gives the model. */
export const train = (context: Context, { loss, inputs, coupled: isCoupled = false, ...options }: ByRow) =>
  trainBy(context, {
    ...options,
    objective: (shape) => {
      const brought = (batch: Batch) => ({ ...inputs(batch), features: inputsOf(options.features, batch) })
      const rows = (tree: Tree, given: Tree) => loss(applyMlp(shape, tree, given["features"]!), given)
      return isCoupled
        ? coupled({ inputs: brought, of: (tree, given) => tf.mean(rows(tree, given), -1) })
        : separable({ inputs: brought, of: rows })
    },
  })
