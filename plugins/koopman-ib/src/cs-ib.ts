/** Regression through a bottleneck. */
import { Column } from "@relent/arrow"
import { dependence, kernelDivergences, NoPoints } from "@relent/divergence"
import { Count, NonNegative, orElse, Positive } from "@relent/named"
import {
  applyMlp,
  type Batch,
  coupled,
  fit,
  initMlp,
  inputsOf,
  Model,
  normals,
  optimizerParameter,
  scheduleParameter,
  TrainingState,
} from "@relent/nn"
import { Port, Stage, StageError } from "@relent/stage"
import { branch, type Tensor, tf, type Tree, within } from "@relent/tensor"
import { Effect, Schema } from "effect"
import { Compression } from "./bottleneck/compression.ts"
import { type Examples, examplesOf, momentsOf } from "./bottleneck/examples.ts"
import { noWidth, Prediction } from "./bottleneck/prediction.ts"
import { regression } from "./bottleneck/tables.ts"
import { bottleneckOf } from "./bottleneck/trained.ts"
import { drawn } from "./stochastic.ts"

const widths = (description: string, value: ReadonlyArray<number>) =>
  orElse(Schema.Array(Count).annotate({ description }), value)

/** The median kernel of two different inputs, at width 1, above which the objective goes flat. */
const flat = 0.05

const fields = {
  prediction: orElse(Prediction.parameter("koopman-ib"), "conditional-cs-divergence"),
  compression: orElse(Compression.parameter("koopman-ib"), "cs-qmi"),
  beta: orElse(NonNegative.annotate({ description: "weight of the compression" }), 0.01),
  bottleneck: orElse(Count.annotate({ description: "width of the bottleneck" }), 16),
  hidden: widths("widths of the encoder's hidden layers", [64, 64]),
  decoder: widths("widths of the decoder's hidden layers", [64]),
  members: orElse(Count.annotate({ description: "networks trained side by side, each with draws of its own" }), 1),
  steps: orElse(Count, 400),
  batch: orElse(
    Schema.Int.check(Schema.isGreaterThanOrEqualTo(8)).annotate({ description: "rows of a Gram matrix" }),
    64,
  ),
  learningRate: orElse(Positive, 1e-3),
  schedule: orElse(scheduleParameter, "constant"),
  optimizer: orElse(optimizerParameter, "adam"),
  every: orElse(Count.annotate({ description: "steps between two metrics and checkpoints" }), 50),
}

/** What somebody may not have meant: columns far from deviation 1, and kernels that see all inputs alike. */
const warnings = ({ x, features, rows }: Examples): ReadonlyArray<string> => {
  const odd = momentsOf(x, features).findIndex(({ deviation: d }) => d > 3 || d < 1 / 3)
  const some = Math.min(rows, 200)
  const kernels: Array<number> = []
  for (let i = 0; i < some; i++)
    for (let j = 0; j < i; j++) {
      let square = 0
      for (let k = 0; k < features; k++) square += (x[i * features + k]! - x[j * features + k]!) ** 2
      kernels.push(Math.exp(-square / 2))
    }
  const median = kernels.toSorted((a, b) => a - b)[Math.floor(kernels.length / 2)]!
  return [
    ...(odd < 0 ? [] : [`column ${odd} of 'x' isn't standardised: widths are in deviations`]),
    ...(median < flat
      ? []
      : [
          `half of the pairs of inputs have a kernel above ${median.toPrecision(2)} at width 1: where it is above ${flat}, the conditional divergence is flat`,
        ]),
  ]
}

/**
 * Trains encoder and decoder by `prediction + beta compression`. With the defaults that is the Cauchy–Schwarz bottleneck: its
 * divergence between p(y | x) and the model's, and the normalised quadratic mutual information of x and the bottleneck, both of the
 * batch. Baselines are other terms: `mse` with `none`, `vib` or `hsic`; `huber`; `welsch`. Inputs and targets are standardised.
 *
 * @reference yu2024csib
 */
export const csIb = Stage.make("koopman-ib/cs-ib", {
  module: import.meta.url,
  title: "Regression through a bottleneck, by the Cauchy–Schwarz divergence",
  uses: ["backend", "random"],
  parameters: fields,
  inputs: { data: Port.any(regression) },
  outputs: { encoder: Model.only("mlp"), decoder: Model.only("mlp") },
  metrics: { loss: Column.float32 },
  state: TrainingState,
  *run({ parameters, inputs: { data }, random, emit, progress, checkpoint, warn }) {
    const { bottleneck, members, steps, beta, prediction, compression } = parameters
    const examples = yield* examplesOf(data)
    const { features, targets, rows } = examples
    const { sigmaY } = (prediction.parameters ?? {}) as { readonly sigmaY?: unknown }
    if (targets > 1 && prediction.name === "koopman-ib/conditional-cs-divergence" && sigmaY === undefined)
      return yield* new StageError({ message: `there are ${targets} targets`, hint: noWidth })
    for (const warning of warnings(examples)) yield* warn(warning)

    const { stochastic, of: compress } = compression.value
    const shape = { members, activation: "relu" } as const
    const encoder = { ...shape, widths: [features, ...parameters.hidden, stochastic ? 2 * bottleneck : bottleneck] }
    const decoder = { ...shape, widths: [bottleneck, ...parameters.decoder, targets] }
    const points = { x: { values: examples.x, dimension: features }, y: { values: examples.y, dimension: targets } }
    const terms = yield* Effect.try({
      try: () => ({ predict: prediction.value(points), compress: beta > 0 ? compress?.(points) : undefined }),
      catch: (error) => error as Error,
    }).pipe(
      Effect.catch((error) =>
        error instanceof NoPoints
          ? Effect.fail(new StageError({ message: error.message, hint: "give the width as a number" }))
          : Effect.die(error),
      ),
    )
    const brought = (batch: Batch) => {
      const { size, step } = batch
      return {
        x: inputsOf({ values: examples.x, width: features, scale: 1 }, batch),
        y: inputsOf({ values: examples.y, width: targets, scale: 1 }, batch),
        ...(stochastic && { noise: normals({ random, members }, [size, bottleneck], "bottleneck", step) }),
      }
    }
    const lossOf = (tree: Tree, { x, y, noise }: Tree): Tensor => {
      const all = applyMlp(encoder, within("encoder", tree), x!)
      const part = (from: number) => tf.slice(all, [0, 0, from], [-1, -1, bottleneck])
      const [mean, logVariance] = stochastic ? [part(0), part(bottleneck)] : [all, all]
      const t = stochastic ? drawn({ mean, logVariance }, noise!) : all
      const loss = terms.predict({ x: x!, y: y!, predicted: applyMlp(decoder, within("decoder", tree), t) })
      return terms.compress === undefined
        ? loss
        : tf.add(loss, tf.mul(terms.compress({ x: x!, t, mean, logVariance }), beta))
    }
    const { parameters: found } = yield* fit({
      ...parameters,
      start: {
        ...branch("encoder", initMlp(encoder, random)),
        ...branch(
          "decoder",
          initMlp(decoder, (purpose, ...counters) => random(`decoder ${purpose}`, ...counters)),
        ),
      },
      examples: rows,
      objective: coupled({ inputs: brought, of: lossOf }),
      optimizer: parameters.optimizer.value,
      schedule: parameters.schedule.value,
      random,
      checkpoint,
      report: ({ step, loss }) => Effect.andThen(progress(step, steps), emit({ step, loss })),
    })
    const model = (own: typeof encoder, name: string) =>
      ({ kind: "mlp", ...own, input: { dtype: "float32", scale: 1 }, parameters: within(name, found) }) as const
    const trained = { encoder: model(encoder, "encoder"), decoder: model(decoder, "decoder") }
    if (compression.value.normalised && beta > 0) {
      const t = yield* bottleneckOf(trained.encoder, bottleneck, examples.x)
      for (const [member, values] of t.entries()) {
        const seen = { points: { values, dimension: bottleneck }, sigma: 1 }
        if (dependence(kernelDivergences["cauchy-schwarz"], seen, seen) === 0)
          return yield* new StageError({
            message: `the bottleneck of member ${member} is the same for all inputs (DegenerateBottleneck)`,
            hint: "make 'beta' smaller, or set 'normalise' to false",
          })
      }
    }
    return trained
  },
})
