/** A segmentation network adapted to images without masks and without the source. */
import { Column } from "@relent/arrow"
import { Count, NonNegative, orElse, Positive, Share } from "@relent/named"
import {
  applySegmenter,
  type Batch,
  decayed,
  fit,
  inputsOf,
  isNorm,
  makeAdam,
  Model,
  separable,
  stepDecay,
  stepsPerEpoch,
  TrainingState,
} from "@relent/nn"
import { Port, Stage, StageError } from "@relent/stage"
import { Effect, Schema } from "effect"
import { images, imagesOf } from "./images.ts"
import { adaptationLoss, priorLogits } from "./loss/on-logits.ts"
import { adaptation } from "./parameters.ts"
import { segmented, segmenterFor } from "./ratios.ts"
import { ImagePriors, priorsOf } from "./tables.ts"
import { collapsed, oddAtStart } from "./watch.ts"

const pick = <A>(tree: { readonly [path: string]: A }, keep: (path: string) => boolean): Record<string, A> =>
  Object.fromEntries(Object.entries(tree).filter(([path]) => keep(path)))

/**
 * L = lambda.entropy (weighted entropy) + lambda.prior D(tau || q) of each image, by Adam with weight decay in the gradient; the last
 * weights are the result, since to choose an epoch would take labels. It sees `id` and `image` of the target, never its masks.
 *
 * @reference bateson2021sourcefree
 * @reference wang2021tent
 */
export const sourceFreeSegment = Stage.make("domain-adaptation/source-free-segment", {
  module: import.meta.url,
  title: "A segmentation network adapted by low entropy and expected class ratios",
  uses: ["backend", "random"],
  parameters: {
    ...adaptation,
    size: Schema.optionalKey(
      Schema.Struct({ lower: Share, upper: Schema.Finite.check(Schema.isGreaterThanOrEqualTo(1)) }).annotate({
        description:
          "instead of the divergence: a square for what lies outside lower ... upper times the expected ratio",
      }),
    ),
    trains: orElse(
      Schema.Literals(["all", "norms"]).annotate({ description: "norms, with lambda.prior 0, is TENT" }),
      "all" as const,
    ),
    epochs: orElse(Count, 100),
    batch: orElse(Count, 24),
    learningRate: orElse(Positive, 1e-3),
    decay: orElse(
      Schema.Struct({
        factor: Share.check(Schema.isGreaterThan(0)),
        epochs: Count,
      }).annotate({ description: "of the learning rate: factor after every so many epochs" }),
      { factor: 0.9, epochs: 20 },
    ),
    weightDecay: orElse(NonNegative.annotate({ description: "added to the gradient" }), 1e-4),
    every: orElse(Count.annotate({ description: "epochs between two metrics and checkpoints" }), 5),
  },
  inputs: { data: Port.any(images), start: Model, prior: ImagePriors },
  outputs: { model: Model },
  metrics: { loss: Column.float32 },
  state: TrainingState,
  *run({ parameters, inputs: { data, start, prior }, random, checkpoint, emit, progress, warn }) {
    const { classWeights, trains, epochs, every, batch, decay, weightDecay, epsilon } = parameters
    const given = yield* imagesOf(data)
    const model = yield* segmenterFor(start, given)
    const { classes, members } = model
    if (classWeights.length !== classes)
      return yield* new StageError({
        message: `there are ${classWeights.length} class weights for ${classes} classes`,
        hint: "give one a class, background first",
      })
    const trained = pick(model.parameters, (path) => trains === "all" || isNorm(path))
    const kept = pick(model.parameters, (path) => !(path in trained))
    if (Object.keys(trained).length === 0)
      return yield* new StageError({ message: "the model has no norms", hint: "train it with norm: instance" })
    const tau = yield* priorsOf(data.columns.id, prior.columns, classes)
    for (const message of oddAtStart(yield* segmented(model, given), tau)) yield* warn(message)

    const tauLogits = { values: priorLogits(tau, epsilon), width: classes, scale: 1 }
    const perEpoch = stepsPerEpoch({ examples: data.length, batch })
    const steps = epochs * perEpoch
    const { parameters: adapted } = yield* fit({
      ...parameters,
      start: trained,
      members,
      examples: data.length,
      steps,
      every: every * perEpoch,
      schedule: stepDecay({ factor: decay.factor, every: decay.epochs * perEpoch }),
      optimizer: decayed(weightDecay, makeAdam()),
      random,
      checkpoint,
      objective: separable({
        inputs: (batch: Batch) => ({
          ...kept,
          images: inputsOf(given.features, batch),
          prior: inputsOf(tauLogits, batch),
        }),
        of: (tree, inputs) => {
          const logits = applySegmenter(model, { ...pick(inputs, (path) => path in kept), ...tree }, inputs["images"]!)
          return adaptationLoss(parameters, logits, inputs["prior"]!)
        },
      }),
      report: ({ step, loss }) => Effect.andThen(progress(step, steps), emit({ step, loss })),
    })
    const ended = { ...model, parameters: { ...model.parameters, ...adapted } }
    for (const message of collapsed(yield* segmented(ended, given), tau)) yield* warn(message)
    return { model: ended }
  },
})
