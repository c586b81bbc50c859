/** What every training stage of this plugin shares: its parameters, its checkpoint, its loop. */
import { Column, objectCodec, type Parameters } from "@relent/arrow"
import { fit, type Model, type Training, type TrainingState } from "@relent/nn"
import type { StageContext } from "@relent/stage"
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
  schedule: orElse(Schema.Literals(["constant", "cosine"]), "cosine" as const),
  weightDecay: orElse(Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0)), 0),
  every: orElse(Count.annotate({ description: "steps between two metrics and checkpoints" }), 50),
}

/** What a checkpoint holds. */
export interface Checkpointed extends TrainingState {
  readonly kind: "training"
}

const prefixed = (prefix: string, tree: Parameters) =>
  Object.fromEntries(Object.entries(tree).map(([path, t]) => [`${prefix}:${path}`, t]))
const under = (prefix: string, tree: Parameters) =>
  Object.fromEntries(
    Object.entries(tree).flatMap(([path, t]) =>
      path.startsWith(`${prefix}:`) ? [[path.slice(prefix.length + 1), t]] : [],
    ),
  )

/** Weights and Adam's moments. */
export const TrainingCheckpoint = objectCodec<Checkpointed>()("distillation/training", 1, {
  training: {
    header: Schema.Struct({}),
    decode: (_: {}, all) => ({
      kind: "training",
      parameters: under("w", all),
      mean: under("m", all),
      square: under("v", all),
    }),
    encode: ({ parameters, mean, square }) => [
      {},
      { ...prefixed("w", parameters), ...prefixed("m", mean), ...prefixed("v", square) },
    ],
  },
})

/** Metrics of a training stage: the mean loss of the members. */
export const trainingMetrics = { loss: Column.float32 }

type Context = Pick<
  StageContext<unknown, {}, typeof trainingMetrics, Checkpointed>,
  "emit" | "checkpoint" | "progress" | "random"
>
type Options = Pick<
  Training,
  "members" | "steps" | "batch" | "learningRate" | "schedule" | "weightDecay" | "every" | "features" | "loss"
>

/** Trains a multilayer perceptron and gives the model. */
export const train = (
  context: Context,
  options: Options & { readonly hidden: ReadonlyArray<number>; readonly classes: number },
) => {
  const { hidden, classes, features, members, steps } = options
  const widths = [features.width, ...hidden, classes]
  return fit({
    ...options,
    widths,
    random: context.random,
    report: (step, loss) => Effect.andThen(context.progress(step, steps), context.emit({ step, loss })),
    load: context.checkpoint.load,
    save: (step, state) => context.checkpoint.save({ step, state: { kind: "training", ...state } }),
  }).pipe(Effect.map((parameters): Model => ({ kind: "mlp", widths, members, inputScale: features.scale, parameters })))
}
