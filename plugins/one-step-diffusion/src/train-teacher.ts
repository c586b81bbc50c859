/** A denoiser learnt from points. */
import { Column } from "@relent/arrow"
import { Count, orElse, Positive } from "@relent/named"
import {
  averaged,
  averageIn,
  fit,
  inputsOf,
  LayerInvalid,
  normals,
  optimizerParameter,
  scheduleParameter,
  separable,
  TrainingState,
} from "@relent/nn"
import { Port, Stage, StageError } from "@relent/stage"
import { tf } from "@relent/tensor"
import { Effect, Schema } from "effect"
import { Distribution } from "./distribution.ts"
import { denoisingLoss, dimensionOf, edmShape, type EdmShape, initEdm, preconditioning } from "./edm/network.ts"
import { featuresOf, points } from "./tables.ts"
import { deviationOf, kept, trainingParameters, widths } from "./training.ts"

/**
 * D(x + s e, s) is brought to x by the weighted squared error, with log s ~ N(logSigmaMean, logSigmaDeviation^2) and e ~ N(0, I). The
 * denoiser is the moving average of the weights.
 *
 * @reference karras2022elucidating
 */
export const trainTeacher = Stage.make("one-step-diffusion/train-teacher", {
  module: import.meta.url,
  title: "A diffusion teacher from points: a preconditioned denoiser",
  uses: ["backend", "random"],
  parameters: {
    ...trainingParameters,
    hidden: widths([128, 128, 128], "the denoiser, without 'unet'"),
    unet: Schema.optionalKey(
      Schema.Struct({
        image: Schema.Tuple([Count, Count, Count]),
        channels: Schema.Array(Count).check(Schema.isMinLength(1)),
        groups: orElse(Count, 8),
      }).annotate({
        description:
          "a U-Net for points that are images: height, width and channels, channels at each size, groups of the norms",
      }),
    ),
    steps: orElse(Count, 1500),
    learningRate: orElse(Positive, 2e-3),
    optimizer: orElse(optimizerParameter, "adam"),
    schedule: orElse(scheduleParameter, "drop"),
    logSigmaMean: orElse(
      Schema.Finite.annotate({
        description: "mean of the logarithm of the level of noise; -0.8 suits points in the plane",
      }),
      -1.2,
    ),
    logSigmaDeviation: orElse(Positive, 1.2),
    dataDeviation: Schema.optionalKey(
      Positive.annotate({ description: "standard deviation of the points; measured, if not given" }),
    ),
    averageDecay: orElse(kept.annotate({ description: "of the moving average of the weights" }), 0.99),
  },
  inputs: { data: Port.any(points) },
  outputs: { teacher: Distribution.only("denoiser") },
  metrics: { loss: Column.float32 },
  state: TrainingState,
  *run({ parameters, inputs: { data }, random, emit, progress, checkpoint }) {
    const { activation, hidden, unet, members, steps, logSigmaMean, logSigmaDeviation, averageDecay } = parameters
    const features = yield* featuresOf(data)
    const dataDeviation = parameters.dataDeviation ?? deviationOf(features)
    if (dataDeviation === 0)
      return yield* new StageError({ message: "all points are the same", hint: "a teacher needs data that differ" })
    const common = { activation, members, dataDeviation }
    const shape: EdmShape =
      unet === undefined ? edmShape({ ...common, dimension: features.width, hidden }) : { ...common, ...unet }
    if (dimensionOf(shape) !== features.width)
      return yield* new StageError({
        message: `points have ${features.width} coordinates, images of ${unet?.image.join(" x ")} have ${dimensionOf(shape)}`,
        hint: "give the images' height, width and channels",
      })
    const start = yield* Effect.try({
      try: () => initEdm(shape, random),
      catch: (error) => {
        if (!(error instanceof LayerInvalid)) throw error
        return new StageError({ message: error.message, hint: error.hint })
      },
    })
    const { optimizer } = yield* fit({
      ...parameters,
      start,
      examples: data.length,
      objective: separable({
        inputs: (batch) => {
          const draw = { random, members }
          const level = normals(draw, [batch.size, 1], "level", batch.step)
          const sigma = level.values.map((v) => Math.exp(logSigmaMean + logSigmaDeviation * v))
          return {
            clean: inputsOf(features, batch),
            noise: normals(draw, [batch.size, features.width], "noise", batch.step),
            sigma: { ...level, values: sigma },
          }
        },
        of: (tree, { clean, noise, sigma }) => {
          const noisy = tf.add(clean!, tf.mul(sigma!, noise!))
          return denoisingLoss(shape, tree, clean!, noisy, preconditioning(sigma!, dataDeviation))
        },
      }),
      optimizer: averaged(averageDecay, parameters.optimizer.value),
      schedule: parameters.schedule.value,
      random,
      checkpoint,
      report: ({ step, loss }) => Effect.andThen(progress(step, steps), emit({ step, loss })),
    })
    return { teacher: { kind: "denoiser" as const, ...shape, parameters: averageIn(optimizer) } }
  },
})
