/** What all kinds of policies can do for a method: they are drawn from, asked for log-probabilities, and moved. */
import type { Draws } from "@relent/random"
import type { Backend, TensorError } from "@relent/tensor"
import { Effect } from "effect"
import * as Exact from "./exact.ts"
import type { Policy } from "./policy.ts"
import type { Samples } from "./samples.ts"
import * as Transformer from "./transformer.ts"

type Computed<A> = Effect.Effect<A, TensorError, Backend>

/** Sequences of a context; sequence i is drawn by `draws(i)` alone. */
export const sample = (
  policy: Policy,
  context: number,
  count: number,
  draws: (index: number) => Draws,
): Computed<Samples> =>
  policy.kind === "autoregressive"
    ? Transformer.sample(policy, count, draws)
    : Effect.sync(() => Exact.sample(policy, context, count, draws))

/** `log pi` of each token given those before it, `[rows, length]`; 0 for tokens that don't count. */
export const tokenLogProbabilities = (policy: Policy, samples: Samples): Computed<Float64Array> =>
  policy.kind === "autoregressive"
    ? Transformer.tokenLogProbabilities(policy, samples)
    : Effect.sync(() => Exact.tokenLogProbabilities(policy, samples))

/** `sum_(i, t) weights[i, t] grad log pi(x_it | before)` by the policy's parameters, in the order of `parametersOf`. */
export const score = (policy: Policy, samples: Samples, weights: Float64Array): Computed<Float64Array> =>
  policy.kind === "autoregressive"
    ? Transformer.score(policy, samples, weights)
    : Effect.sync(() => Exact.score(policy, samples, weights))

/** What is learnt of a policy, in one row. */
export const parametersOf = (policy: Policy): Float64Array =>
  policy.kind === "autoregressive" ? Transformer.parametersOf(policy) : policy.logits

/** The policy with other parameters. Throws `NotADistribution` for logits that are none. */
export const withParameters = (policy: Policy, parameters: Float64Array): Policy =>
  policy.kind === "autoregressive"
    ? Transformer.withParameters(policy, parameters)
    : Exact.withLogits(policy, parameters)

export { nextTokenLogs } from "./transformer.ts"
