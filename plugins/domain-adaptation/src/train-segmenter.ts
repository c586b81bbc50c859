/** A segmentation network learnt from masks: the source, and the oracle on the target. */
import { Column, tensorValue } from "@relent/arrow"
import { Count, NonNegative, orElse, Positive } from "@relent/named"
import {
  applySegmenter,
  type Batch,
  constant,
  decayed,
  fit,
  initSegmenter,
  inputOf,
  inputsOf,
  makeAdam,
  Model,
  type Segmenter,
  type SegmenterShape,
  separable,
  stepsPerEpoch,
  TrainingState,
} from "@relent/nn"
import { Port, Stage } from "@relent/stage"
import { sparseSoftmaxCrossEntropy, tf } from "@relent/tensor"
import { Effect, Schema } from "effect"
import { classesOf, countsOf, imagesOf, masks, masksOf } from "./images.ts"
import { segmenterFor } from "./ratios.ts"

/** The classes of the pixels of a batch, `[members, size, height, width]`. */
const labelsOf = (mask: Uint8Array, [height, width]: SegmenterShape["image"], { members, size, rows }: Batch) => {
  const pixels = height * width
  const out = new Int32Array(rows.length * pixels)
  for (const [i, row] of rows.entries()) out.set(mask.subarray(row * pixels, (row + 1) * pixels), i * pixels)
  return tensorValue("int32", out, [members, size, height, width])
}

/**
 * A network trained by the cross-entropy of every pixel, with Adam: drawn, or from a `start`, whose shape then stands for the parameters'.
 *
 * @reference ronneberger2015unet
 */
export const trainSegmenter = Stage.make("domain-adaptation/train-segmenter", {
  module: import.meta.url,
  title: "A segmentation network from images with masks",
  uses: ["backend", "random"],
  parameters: {
    channels: orElse(
      Schema.Array(Count)
        .check(Schema.isMinLength(1))
        .annotate({ description: "channels at each size of the image, the largest first" }),
      [6, 12],
    ),
    norm: orElse(
      Schema.Literals(["none", "instance"]).annotate({ description: "between a convolution and its activation" }),
      "none" as const,
    ),
    members: orElse(Count.annotate({ description: "networks trained side by side, each with draws of its own" }), 1),
    epochs: orElse(Count, 30),
    batch: orElse(Count, 10),
    learningRate: orElse(Positive, 3e-3),
    weightDecay: orElse(NonNegative.annotate({ description: "added to the gradient" }), 0),
    every: orElse(Count.annotate({ description: "epochs between two metrics and checkpoints" }), 5),
  },
  inputs: { data: Port.any(masks), start: Port.optional(Model) },
  outputs: { model: Model },
  metrics: { loss: Column.float32 },
  state: TrainingState,
  *run({ parameters, inputs: { data, start }, random, checkpoint, emit, progress }) {
    const { epochs, every, batch, weightDecay, channels, norm, members } = parameters
    const given = yield* imagesOf(data)
    const { features, image } = given
    const mask = yield* masksOf(data, image)
    const from = start === undefined ? undefined : yield* segmenterFor(start, given)
    const drawn = { image, channels, classes: classesOf(mask), norm, members, activation: "relu" } as const
    const shape: SegmenterShape = from ?? drawn
    yield* countsOf(data, shape.classes) // refuses what the start doesn't know
    const perEpoch = stepsPerEpoch({ examples: data.length, batch })
    const steps = epochs * perEpoch
    const trained = yield* fit({
      ...parameters,
      members: shape.members,
      start: from?.parameters ?? initSegmenter(shape, random),
      examples: data.length,
      steps,
      every: every * perEpoch,
      schedule: constant,
      optimizer: decayed(weightDecay, makeAdam()),
      random,
      checkpoint,
      objective: separable({
        inputs: (batch) => ({ images: inputsOf(features, batch), labels: labelsOf(mask, image, batch) }),
        of: (tree, { images, labels }) =>
          tf.mean(sparseSoftmaxCrossEntropy(applySegmenter(shape, tree, images!), labels!), [2, 3]),
      }),
      report: ({ step, loss }) => Effect.andThen(progress(step, steps), emit({ step, loss })),
    })
    const model: Segmenter = {
      kind: "segmenter",
      ...shape,
      input: from?.input ?? inputOf(features),
      parameters: trained.parameters,
    }
    return { model }
  },
})
