/** A generator of one step, distilled from a diffusion teacher by any f-divergence. */
import { Column } from "@relent/arrow"
import { follow, TrainingState } from "@relent/nn"
import { Port, Stage, StageError } from "@relent/stage"
import { Backend, Tensors, toDevice, within } from "@relent/tensor"
import { Effect } from "effect"
import { Distribution } from "./distribution.ts"
import { dimensionOf } from "./edm/network.ts"
import { criticNumbers, type Distillation, distillation, generatorNumbers } from "./f-distill/method.ts"
import { networksOf } from "./f-distill/networks.ts"
import { parameters } from "./f-distill/parameters.ts"
import { deviationOf } from "./isotropic-mixture.ts"
import { featuresOf, Points } from "./tables.ts"

const mean = (values: Float32Array, from: number, count: number) =>
  values.subarray(from, from + count).reduce((sum, v) => sum + v, 0) / count

/**
 * The student's loss has the gradient of D_f(p_s || q_s) between teacher and student, both diffused to levels of noise s:
 * -E[h(r) (score_p - score_q) dx / dtheta] with h(r) = r^2 f''(r), r = p_s / q_s the discriminator's, scores by the teacher and by a
 * denoiser that follows the student. `reverse-kl` (h = 1) with `ganWeight: 0` is distribution matching distillation, with `scaled: false` as well
 * Diff-Instruct.
 *
 * @reference xu2025fdistill
 * @reference yin2024improved
 * @reference luo2023diffinstruct
 */
export const fDistill = Stage.make("one-step-diffusion/f-distill", {
  module: import.meta.url,
  title: "A one-step generator from a diffusion teacher, by any f-divergence",
  uses: ["backend", "random"],
  parameters,
  inputs: {
    teacher: Distribution.only("isotropic-mixture", "denoiser"),
    data: Port.optional(Points),
  },
  outputs: { student: Distribution.only("one-step-denoiser", "one-step-mlp") },
  metrics: {
    loss: Column.float32,
    fakeLoss: Column.float32,
    discriminatorLoss: Column.float32,
    weightVariance: Column.float32,
  },
  state: TrainingState,
  *run({ parameters, inputs: { teacher, data }, random, emit, progress, checkpoint, warn }) {
    const { members, batch, steps, divergence, ganWeight, matchingWeight } = parameters
    const needsRatio = matchingWeight > 0 && !divergence.hasConstantScoreWeight
    const needsDiscriminator = needsRatio || ganWeight > 0
    if (needsDiscriminator && data === undefined)
      return yield* new StageError({
        message: needsRatio
          ? `'${divergence.name}' weighs by a density ratio, which is learnt from real data`
          : "a discriminator is learnt from real data",
        hint: "connect 'data', or use reverse-kl with ganWeight 0",
      })
    const isNetwork = teacher.kind === "denoiser"
    const dimension = isNetwork ? dimensionOf(teacher) : teacher.dimension
    const features = needsDiscriminator && data !== undefined ? yield* featuresOf(data) : undefined
    if (features !== undefined && features.width !== dimension)
      return yield* new StageError({
        message: `the data has ${features.width} coordinates, the teacher ${dimension}`,
        hint: "use data like those the teacher was trained on",
      })
    if (isNetwork && teacher.members !== 1 && teacher.members !== members)
      return yield* new StageError({
        message: `the teacher has ${teacher.members} members, ${members} students are wanted`,
        hint: "a teacher has one member for all students, or one for each",
      })
    if (needsRatio && batch === 1)
      yield* warn(
        `with one sample a batch the weight, divided by its mean, is 1: '${divergence.name}' is then reverse-kl`,
      )
    const critics = parameters.studentUpdateFreq - 1
    const draws = {
      dimension,
      batch,
      critics,
      random,
      data: features,
      levels: { min: parameters.sigmaMin, max: parameters.sigmaMax },
      bins: parameters.binNum,
    }
    const networks = networksOf(
      teacher,
      { ...parameters, dataDeviation: isNetwork ? teacher.dataDeviation : deviationOf(teacher) },
      random,
    )
    const course = {
      ...parameters,
      batch: batch * critics,
      examples: features === undefined ? batch * critics : features.values.length / dimension,
      schedule: parameters.schedule.value,
      random,
      checkpoint,
    }
    const report = (step: number, values: Float32Array) =>
      Effect.gen(function* () {
        const at = values.length - generatorNumbers.length * members
        const fault = values.subarray(at + 2 * members).findIndex((v) => v >= 0)
        if (fault >= 0)
          return yield* new StageError({
            message: `by step ${step} the teacher, the fake denoiser or the discriminator gave a value that isn't finite, first at sample ${values[at + 2 * members + fault]} of member ${fault}`,
            hint: "look at the teacher's weights, or make the learning rate smaller",
          })
        const critic = at - criticNumbers.length * members
        yield* progress(step, steps)
        yield* emit({
          step,
          loss: mean(values, at, members),
          fakeLoss: mean(values, critic, members),
          discriminatorLoss: mean(values, critic + members, members),
          weightVariance: mean(values, at + members, members),
        })
      })
    const backend = yield* Backend
    const trained = yield* backend.run(
      Effect.scoped(
        Effect.gen(function* () {
          const owner = yield* Tensors.scoped
          const teacherTree = owner.own(isNetwork ? toDevice(teacher.parameters) : {})
          const options: Distillation = {
            ...parameters,
            bounds: { lower: parameters.ratioLower, upper: parameters.ratioUpper },
            ratioEmaRate: parameters.ratioNormalization ? parameters.ratioEmaRate : undefined,
            teacher,
            teacherTree,
            networks,
            needsRatio,
            draws,
            optimizer: parameters.optimizer.value,
          }
          return yield* follow<StageError | Effect.Error<typeof checkpoint.load>>(course, distillation(options), report)
        }),
      ),
    )
    return { student: { ...networks.student, parameters: within("student", trained.parameters) } }
  },
})
