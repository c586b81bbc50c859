/** What every training stage of this plugin shares: its parameters, its checkpoint, its loop. */
import { Column } from "@relent/arrow"
import {
  applyMlp,
  type Batch,
  type Features,
  fit,
  initMlp,
  inputOf,
  inputsOf,
  type Model,
  type Optimizer,
  optimizerParameter,
  type Schedule,
  scheduleParameter,
  separable,
  type TrainingState,
} from "@relent/nn"
import type { Named } from "@relent/named"
import type { StageContext } from "@relent/stage"
import type { Tensor } from "@relent/tensor"
import { Effect, Schema } from "effect"

const Count = Schema.Int.check(Schema.isGreaterThan(0))
const Positive = Schema.Finite.check(Schema.isGreaterThan(0))
const orElse = <A, I, R>(schema: Schema.Codec<A, I, R>, value: NoInfer<I>) =>
  schema.pipe(Schema.withDecodingDefaultKey(Effect.succeed(value)))

/** Parameters of a training stage. */
export const trainingParameters = {
  hidden: orElse(Schema.Array(Count).annotate({ description: "widths of the hidden layers" }), [256]),
  members: orElse(Count.annotate({ description: "networks trained side by side, each with draws of its own" }), 1),
  steps: orElse(Count, 500),
  batch: orElse(Count, 100),
  learningRate: orElse(Positive, 1e-3),
  schedule: orElse(scheduleParameter, "cosine"),
  optimizer: orElse(optimizerParameter, "adam"),
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
  readonly learningRate: number
  readonly schedule: Named<Schedule>
  readonly optimizer: Named<Optimizer>
  readonly every: number
  readonly classes: number
  readonly features: Features
  /** One number a row, `[members, size]`, from the logits of a batch. */
  readonly loss: (logits: Tensor, batch: Batch) => Tensor
}

/** Trains a multilayer perceptron and gives the model. */
export const train = (context: Context, options: Options) => {
  const { hidden, classes, features, members, steps, loss } = options
  const shape = { widths: [features.width, ...hidden, classes], members, activation: "relu" } as const
  return fit({
    ...options,
    start: initMlp(shape, context.random),
    examples: features.values.length / features.width,
    objective: separable((tree, batch) => loss(applyMlp(shape, tree, inputsOf(features, batch)), batch)),
    optimizer: options.optimizer.value,
    schedule: options.schedule.value,
    random: context.random,
    report: ({ step, loss }) => Effect.andThen(context.progress(step, steps), context.emit({ step, loss })),
    checkpoint: context.checkpoint,
  }).pipe(Effect.map(({ parameters }): Model => ({ kind: "mlp", ...shape, input: inputOf(features), parameters })))
}
