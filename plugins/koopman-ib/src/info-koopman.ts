/** Latents that move linearly, learnt with information and entropy. */
import { Column, tensorValue } from "@relent/arrow"
import { vonNeumann } from "@relent/divergence/tensor"
import { Count, NonNegative, orElse, Positive } from "@relent/named"
import {
  applyMlp,
  type Batch,
  clipped,
  coupled,
  fit,
  initMlp,
  optimizerParameter,
  scheduleParameter,
  TrainingState,
} from "@relent/nn"
import { Port, Stage } from "@relent/stage"
import { branch, type Tensor, tf, type Tree, within } from "@relent/tensor"
import { Effect, Schema } from "effect"
import { advance, meanSquare, operator, temporalInfoNce } from "./koopman/losses.ts"
import { Koopman, network } from "./koopman/model.ts"
import { operators } from "./koopman/operator.ts"
import { encode } from "./koopman/predict.ts"
import { refit } from "./koopman/refit.ts"
import { scaleOf, standardise, statesOf } from "./koopman/states.ts"
import { trajectories } from "./tables.ts"

const weight = (value: number, description: string) => orElse(NonNegative.annotate({ description }), value)

const fields = {
  latentDim: orElse(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 256 })), 8),
  hidden: orElse(
    Schema.Array(Count).annotate({ description: "widths of the encoder; the decoder has them backwards" }),
    [64, 64],
  ),
  alpha: weight(0.05, "of the information between latents near in time"),
  gamma: weight(0.1, "of the entropy of the latents"),
  beta: weight(1, "of latents that miss what the operator says"),
  entropy: orElse(
    Schema.Literals(["maximised", "minimised"]).annotate({
      description: "the published trainer minimises it, against the paper's text: a control",
    }),
    "maximised",
  ),
  k: orElse(Count.annotate({ description: "steps that count as near in time" }), 2),
  tau: orElse(Positive.annotate({ description: "temperature of the cosines" }), 0.1),
  ridge: orElse(Positive.annotate({ description: "penalty on the operator" }), 0.1),
  operator: orElse(
    Schema.Literals(operators).annotate({ description: "one of a batch, or the mean of one for each window" }),
    "pooled",
  ),
  window: orElse(Count.annotate({ description: "steps of a window; it has one state more" }), 16),
  batch: orElse(Count.annotate({ description: "windows a step" }), 16),
  members: orElse(Count.annotate({ description: "networks trained side by side, each with draws of its own" }), 1),
  steps: orElse(Count, 500),
  learningRate: orElse(Positive, 2e-3),
  schedule: orElse(scheduleParameter, { "step-decay": { every: 350, factor: 0.25 } }),
  optimizer: orElse(optimizerParameter, "adam"),
  clip: orElse(Positive.annotate({ description: "largest norm of a gradient" }), 1),
  every: orElse(Count.annotate({ description: "steps between two metrics and checkpoints" }), 50),
}
const longEnough = Schema.makeFilter(
  ({ window, k }: { readonly window: number; readonly k: number }) =>
    window > 2 * k || `wants a window of more than 2 k = ${2 * k} steps: no state has k others on both sides`,
)

/**
 * Encoder and decoder by `rec + fwd + beta lin + alpha InfoNCE - gamma S`: the states of a window from their latents (rec), the next states
 * (fwd) and the next latents (lin) from latents moved on by the operator of the batch, information between latents near in time, and the
 * von Neumann entropy S of all latents. The operator is a constant while training, and is fitted again at the end, to all of the data.
 *
 * @reference cheng2025infokoopman
 */
export const infoKoopman = Stage.make("koopman-ib/info-koopman", {
  module: import.meta.url,
  title: "A Koopman autoencoder shaped by information and entropy",
  uses: ["backend", "random"],
  parameters: Schema.Struct(fields).check(longEnough),
  inputs: { data: Port.any(trajectories) },
  outputs: { model: Koopman.only("autoencoder") },
  metrics: { loss: Column.float32 },
  state: TrainingState,
  *run({ parameters, inputs: { data }, random, emit, progress, checkpoint, warn }) {
    const { latentDim: d, hidden, members, window: times, steps, alpha, beta, gamma, k, tau, ridge } = parameters
    const states = yield* statesOf(data, times + 1)
    const { features, length } = states
    const scale = yield* scaleOf(states)
    const x = standardise(scale, states.values)

    const shape = { members, activation: "silu" } as const
    const encoder = { ...shape, widths: [features, ...hidden, d] }
    const decoder = { ...shape, widths: [d, ...hidden.toReversed(), features] }
    const starts = length - times
    const size = (times + 1) * features
    const windows = ({ rows, size: batch }: Batch) => {
      const out = new Float32Array(rows.length * size)
      rows.forEach((row, i) => {
        const first = (Math.floor(row / starts) * length + (row % starts)) * features
        out.set(x.subarray(first, first + size), i * size)
      })
      return { windows: tensorValue("float32", out, [members, batch, times + 1, features]) }
    }
    const part = (all: Tensor, from: 0 | 1) => tf.slice(all, [0, 0, from, 0], [-1, -1, times, -1])
    const lossOf = (tree: Tree, { windows }: Tree) => {
      const all = windows!
      const batch = all.shape[1]!
      const rows = tf.reshape(all, [members, batch * (times + 1), features])
      const latents = tf.reshape(applyMlp(encoder, within("encoder", tree), rows), [members, batch, times + 1, d])
      const back = (z: Tensor) =>
        tf.reshape(applyMlp(decoder, within("decoder", tree), tf.reshape(z, [members, batch * times, d])), [
          members,
          batch,
          times,
          features,
        ])
      const [before, after] = [part(latents, 0), part(latents, 1)]
      const moved = advance(before, operator(before, after, ridge, parameters.operator))
      const terms = [meanSquare(back(before), part(all, 0)), meanSquare(back(moved), part(all, 1))]
      if (beta > 0) terms.push(tf.mul(meanSquare(after, moved), beta))
      if (alpha > 0) terms.push(tf.mul(temporalInfoNce(before, k, tau), alpha))
      if (gamma > 0) {
        const entropy = vonNeumann(tf.reshape(before, [members, batch * times, d]))
        terms.push(tf.mul(entropy, parameters.entropy === "maximised" ? -gamma : gamma))
      }
      return tf.addN(terms)
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
      examples: states.trajectories * starts,
      objective: coupled({ inputs: windows, of: lossOf }),
      optimizer: clipped(parameters.clip, parameters.optimizer.value),
      schedule: parameters.schedule.value,
      random,
      checkpoint,
      report: ({ step, loss }) => Effect.andThen(progress(step, steps), emit({ step, loss })),
    })
    const networks = {
      kind: "autoencoder",
      features,
      latents: d,
      members,
      ...scale,
      encoder: network(encoder, within("encoder", found)),
      decoder: network(decoder, within("decoder", found)),
    } as const
    const latents = yield* encode(networks, x)
    const options = { members, dimension: d, kind: parameters.operator, ridge, warn }
    return { model: { ...networks, operator: yield* refit(latents, states, options) } }
  },
})
