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
  normals,
  optimizerParameter,
  scheduleParameter,
  TrainingState,
} from "@relent/nn"
import { Port, Stage } from "@relent/stage"
import { branch, type Tensor, tf, type Tree, within } from "@relent/tensor"
import { Effect, Schema } from "effect"
import { advance, meanSquare, operator, temporalInfoNce, transitionCost } from "./koopman/losses.ts"
import { Koopman, network } from "./koopman/model.ts"
import { operators } from "./koopman/operator.ts"
import { encode } from "./koopman/predict.ts"
import { refit } from "./koopman/refit.ts"
import { scaleOf, standardise, statesOf } from "./koopman/states.ts"
import { drawn } from "./stochastic.ts"
import { trajectories } from "./tables.ts"

const weight = (value: number, description: string) => orElse(NonNegative.annotate({ description }), value)

const fields = {
  latentDim: orElse(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 256 })), 8),
  hidden: orElse(
    Schema.Array(Count).annotate({ description: "widths of the encoder; the decoder has them backwards" }),
    [64, 64],
  ),
  encoder: orElse(
    Schema.Literals(["deterministic", "stochastic"]).annotate({
      description: "a point for each state, or a Gaussian, whose divergence from what the operator says 'beta' weighs",
    }),
    "deterministic",
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
const bounded = Schema.makeFilter(
  ({ encoder, beta }: { readonly encoder: string; readonly beta: number }) =>
    encoder === "deterministic" ||
    beta > 0 ||
    "a stochastic encoder wants a beta above 0: nothing else keeps its variances",
)

/**
 * Encoder and decoder by `rec + fwd + beta lin + alpha InfoNCE - gamma S`: the states of a window from their latents (rec), the next states
 * (fwd) and the next latents (lin) from latents moved on by the operator of the batch, information between latents near in time, and the
 * von Neumann entropy S of all latents. The operator is a constant while training, and is fitted again at the end, to all of the data.
 *
 * A stochastic encoder gives every state a Gaussian, by a second network of the same widths for its variances, and latents are drawn from
 * it. `lin` becomes `KL(N(mu_t, sigma_t^2) || N(z_(t-1) K, Sigma))` in nats a coordinate, with K fitted from draws to the means after them.
 * Sigma, which the published code doesn't have, is I: latents have no unit of their own, so with another `s^2 I` they would be s times as
 * large, and nothing else but the penalty on K would change. S is that of the means, since noise would open the space without holding
 * anything in it. The model that is left has the means alone.
 *
 * @reference cheng2025infokoopman
 */
export const infoKoopman = Stage.make("koopman-ib/info-koopman", {
  module: import.meta.url,
  title: "A Koopman autoencoder shaped by information and entropy",
  uses: ["backend", "random"],
  parameters: Schema.Struct(fields).check(longEnough, bounded),
  inputs: { data: Port.any(trajectories) },
  outputs: { model: Koopman.only("autoencoder") },
  metrics: { loss: Column.float32 },
  state: TrainingState,
  *run({ parameters, inputs: { data }, random, emit, progress, checkpoint, warn }) {
    const { latentDim: d, hidden, members, window: times, steps, alpha, beta, gamma, k, tau, ridge } = parameters
    const stochastic = parameters.encoder === "stochastic"
    const states = yield* statesOf(data, times + 1)
    const { features, length } = states
    const scale = yield* scaleOf(states)
    const x = standardise(scale, states.values)

    const shape = { members, activation: "silu" } as const
    const encoder = { ...shape, widths: [features, ...hidden, d] }
    const decoder = { ...shape, widths: [d, ...hidden.toReversed(), features] }
    const starts = length - times
    const size = (times + 1) * features
    const brought = ({ rows, size: batch, step }: Batch) => {
      const out = new Float32Array(rows.length * size)
      rows.forEach((row, i) => {
        const first = (Math.floor(row / starts) * length + (row % starts)) * features
        out.set(x.subarray(first, first + size), i * size)
      })
      return {
        windows: tensorValue("float32", out, [members, batch, times + 1, features]),
        ...(stochastic && { noise: normals({ random, members }, [batch, times, d], "latents", step) }),
      }
    }
    const part = (all: Tensor, from: 0 | 1) => tf.slice(all, [0, 0, from, 0], [-1, -1, times, -1])
    const lossOf = (tree: Tree, { windows, noise }: Tree) => {
      const all = windows!
      const batch = all.shape[1]!
      const rows = tf.reshape(all, [members, batch * (times + 1), features])
      const encoded = (name: string) =>
        tf.reshape(applyMlp(encoder, within(name, tree), rows), [members, batch, times + 1, d])
      const means = encoded("encoder")
      const logVariances = stochastic ? encoded("spread") : undefined
      const back = (z: Tensor) =>
        tf.reshape(applyMlp(decoder, within("decoder", tree), tf.reshape(z, [members, batch * times, d])), [
          members,
          batch,
          times,
          features,
        ])
      const [centre, after] = [part(means, 0), part(means, 1)]
      const before = logVariances ? drawn({ mean: centre, logVariance: part(logVariances, 0) }, noise!) : centre
      const moved = advance(before, operator(before, after, ridge, parameters.operator))
      const terms = [meanSquare(back(before), part(all, 0)), meanSquare(back(moved), part(all, 1))]
      if (beta > 0) {
        const missed = logVariances
          ? transitionCost({ mean: after, logVariance: part(logVariances, 1) }, moved)
          : meanSquare(after, moved)
        terms.push(tf.mul(missed, beta))
      }
      if (alpha > 0) terms.push(tf.mul(temporalInfoNce(before, k, tau), alpha))
      if (gamma > 0) {
        const entropy = vonNeumann(tf.reshape(centre, [members, batch * times, d]))
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
        ...(stochastic &&
          branch(
            "spread",
            initMlp(encoder, (purpose, ...counters) => random(`spread ${purpose}`, ...counters)),
          )),
      },
      examples: states.trajectories * starts,
      objective: coupled({ inputs: brought, of: lossOf }),
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
