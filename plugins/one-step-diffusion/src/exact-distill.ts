/** f-distill with nothing learned but the student: scores and ratio are exact, the gradient is sampled. */
import { Column } from "@relent/arrow"
import { Count, orElse, Positive } from "@relent/named"
import { descend, Descent, descentFrom } from "@relent/nn/float64"
import { Stage, StageError } from "@relent/stage"
import { Effect, Option, Schema } from "effect"
import { type Affine, AffineStudent } from "./affine.ts"
import { gradientOf } from "./exact/gradient.ts"
import { objective } from "./parameters.ts"
import { Distribution } from "./distribution.ts"

/** The mean, and the log of the deviation. */
const studentOf = ({ parameters }: Descent): Affine => ({
  mean: parameters[0]!,
  deviation: Math.exp(parameters[1]!),
})

/** Steps between two chances for others, an interruption above all. */
const breath = 50

/**
 * theta <- Adam(g / mean h), with g the sampled gradient of D_f(teacher || student) and h its weights: the rate is
 * `learningRate`, and a tenth of it for the last 30 % of the steps. Step `k` draws its own batch.
 *
 * @reference xu2025fdistill
 */
export const exactDistill = Stage.make("one-step-diffusion/exact-distill", {
  module: import.meta.url,
  title: "An affine student by any f-divergence, with exact scores and ratios",
  uses: ["random"],
  parameters: {
    ...objective,
    steps: orElse(Count, 2500),
    batch: orElse(
      Schema.Int.check(Schema.isGreaterThan(1)).annotate({
        description: "draws a step; of one draw the weight, divided by its mean, is 1 for every divergence",
      }),
      256,
    ),
    learningRate: orElse(Positive, 0.01),
    every: orElse(Count.annotate({ description: "steps between two metrics and checkpoints" }), 500),
  },
  inputs: { teacher: Distribution.only("gaussian-mixture"), start: AffineStudent },
  outputs: { student: AffineStudent },
  metrics: { mean: Column.float64, deviation: Column.float64, weight: Column.float64 },
  state: Descent,
  *run({ parameters, inputs: { teacher, start }, random, emit, progress, checkpoint }) {
    const { steps, batch, learningRate, every } = parameters
    const saved = yield* checkpoint.load
    const from = Option.match(saved, { onNone: () => 0, onSome: ({ step }) => step })
    let now = Option.match(saved, {
      onNone: () => descentFrom(Float64Array.of(start.mean, Math.log(start.deviation))),
      onSome: ({ state }) => state,
    })
    const logMass = new Float64Array(batch).fill(-Math.log(batch))
    for (let step = from; step < steps; step++) {
      const { normal } = random("noise", step)
      const z = Float64Array.from({ length: batch }, normal)
      const g = gradientOf(parameters, teacher, studentOf(now), z, logMass)
      if (!(g.weight > 0 && Number.isFinite(g.weight)))
        return yield* new StageError({
          message: `at step ${step} the mean weight of the batch is ${g.weight}: teacher and student are too far apart for '${parameters.divergence.name}'`,
          hint: "start nearer to the teacher, or clip the ratio",
        })
      const rate = step < 0.7 * steps ? learningRate : learningRate / 10
      const gradient = [g.mean / g.weight, g.logDeviation / g.weight]
      now = descend(now, gradient, { step: step + 1, learningRate: rate, beta2: 0.99 })
      if ((step + 1) % every === 0 || step + 1 === steps) {
        yield* emit({ step: step + 1, ...studentOf(now), weight: g.weight })
        yield* progress(step + 1, steps)
        if (step + 1 < steps) yield* checkpoint.save({ step: step + 1, state: now })
      } else if (step % breath === 0) yield* Effect.yieldNow
    }
    return { student: studentOf(now) }
  },
})
