/** Free points that move onto a target. */
import { kernelDivergences } from "@relent/divergence"
import { betweenPoints } from "@relent/divergence/tensor"
import { Column } from "@relent/arrow"
import { Count, orElse, Positive } from "@relent/named"
import { constant, coupled, fit, makeAdam, TrainingState } from "@relent/nn"
import { Port, Stage, StageError } from "@relent/stage"
import { tf } from "@relent/tensor"
import { Effect, Option, Schema } from "effect"
import { sigma } from "./parameters.ts"
import { divergenceOf } from "./points/nearness.ts"
import { Points, points } from "./tables.ts"

const names = Object.keys(kernelDivergences) as ReadonlyArray<keyof typeof kernelDivergences>

/**
 * Moves points from `N(0, I)` down the gradient of `D(target, points)` by Adam; each step sees the whole target. Points are
 * `[points, features]`; `divergence` is metered before the first step, and then at the start of the step that is told.
 *
 * @reference yu2024csib
 */
export const kernelFit = Stage.make("koopman-ib/kernel-fit", {
  module: import.meta.url,
  title: "Points moved onto a target by a kernel divergence",
  uses: ["backend", "random"],
  parameters: {
    divergence: orElse(Schema.Literals(names), "cauchy-schwarz"),
    points: orElse(Schema.Int.check(Schema.isGreaterThanOrEqualTo(2)), 200),
    sigma,
    learningRate: orElse(Positive, 0.05),
    steps: orElse(Count, 500),
    every: orElse(Count.annotate({ description: "steps between two metrics and checkpoints" }), 50),
  },
  inputs: { target: Port.any(points) },
  outputs: { points: Points },
  metrics: { divergence: Column.float64 },
  state: TrainingState,
  *run({ parameters, inputs: { target }, random, emit, progress, checkpoint }) {
    const { points: count, sigma, steps } = parameters
    const divergence = kernelDivergences[parameters.divergence]
    if (target.length < 2)
      return yield* new StageError({
        message: `the target has ${target.length} points, a kernel needs two`,
        hint: "give more rows",
      })
    const dimension = target.columns.x.length / target.length
    const start = random("start").normals(count * dimension)
    const apart = yield* divergenceOf(
      divergence,
      { values: target.columns.x, dimension },
      { values: start, dimension },
      sigma,
    )
    if (Option.isNone(yield* checkpoint.load)) yield* emit({ step: 0, divergence: apart })
    const { parameters: fitted } = yield* fit({
      ...parameters,
      start: { points: { dtype: "float32", shape: [1, count, dimension], values: start } },
      members: 1,
      examples: target.length,
      batch: target.length,
      objective: coupled({
        inputs: () => ({}),
        of: ({ points }) =>
          betweenPoints(divergence, tf.tensor3d(target.columns.x, [1, target.length, dimension]), points!, sigma),
      }),
      optimizer: makeAdam(),
      schedule: constant,
      random,
      checkpoint,
      report: ({ step, loss }) => Effect.andThen(progress(step, steps), emit({ step, divergence: loss })),
    })
    const x = fitted["points"]!.values as Float32Array
    return { points: Points.make({ id: Int32Array.from({ length: count }, (_, i) => i), x }) }
  },
})
