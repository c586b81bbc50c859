/** What a segmentation network says of images: class ratios, and the class of each pixel. */
import { type Model, predict, type Segmenter } from "@relent/nn"
import { StageError } from "@relent/stage"
import { Effect } from "effect"
import type { Images } from "./images.ts"
import { attempt, fromLogits, uniform } from "./prediction.ts"
import { meanRatio } from "./ratio.ts"

/** What members predict of images. */
export interface Segmented {
  readonly classes: number
  /** The mean of the softmax over the pixels, `[members, rows, classes]`. */
  readonly ratios: Float64Array
  /** The likeliest class of each pixel, the first of equals, `[members, rows, height * width]`. */
  readonly mask: Uint8Array
}

/** The model, if it is a segmentation network for images of this size. */
export const segmenterFor = (model: Model, { image }: Images): Effect.Effect<Segmenter, StageError> => {
  if (model.kind !== "segmenter")
    return new StageError({
      message: `the model is a ${model.kind}, not a segmenter`,
      hint: "train one by domain-adaptation/train-segmenter",
    })
  return model.image.join() === image.join()
    ? Effect.succeed(model)
    : new StageError({
        message: `the images are ${image.join(" x ")}, the model wants ${model.image.join(" x ")}`,
        hint: "give images like those that it learnt from",
      })
}

/** Predictions of every member for every image, ratios in float64. */
export const segmented = (model: Segmenter, { features, image: [height, width] }: Images) =>
  Effect.gen(function* () {
    const { classes } = model
    const logits = yield* predict(model, features.values)
    const size = height * width * classes
    const mask = new Uint8Array(logits.length / classes)
    const ratios = new Float64Array(logits.length / (height * width))
    const mass = uniform(height * width)
    for (let i = 0; i * size < logits.length; i++) {
      const prediction = yield* attempt(() =>
        fromLogits(Float64Array.from(logits.subarray(i * size, (i + 1) * size)), classes),
      )
      ratios.set(meanRatio(prediction, mass).ratio, i * classes)
    }
    for (let at = 0; at < mask.length; at++) {
      const row = logits.subarray(at * classes, (at + 1) * classes)
      mask[at] = row.indexOf(row.reduce((most, z) => Math.max(most, z)))
    }
    return { classes, ratios, mask } satisfies Segmented
  })
