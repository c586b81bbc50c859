/** How near a policy is to its target. */
import { Column, TableSchema } from "@relent/arrow"
import { k1, k3 } from "@relent/divergence"
import { Count, orElse } from "@relent/named"
import {
  Chain,
  Exact,
  type MarkovPolicy,
  type MarkovTarget,
  Policy,
  Tabular,
  type TabularPolicy,
  type TabularTarget,
  Target,
} from "@relent/sequence"
import { sample } from "@relent/sequence/policies"
import { Stage, StageError } from "@relent/stage"
import { Schema } from "effect"
import {
  effectiveSamples,
  effectiveShare,
  elbo,
  eubo,
  expectedBound,
  logWeights,
  sampledBound,
} from "./inference/evidence.ts"
import { mean } from "./mean.ts"
import { logProbabilities } from "./preference/pair-loss.ts"
import { ofTarget, sameSpace } from "./refuse.ts"
import { logScores, sampleTarget } from "./target/score.ts"

/** Two rows a context: exact, where that can be, and what the same quantities look like from samples. In nats. */
export const Evidence = TableSchema.make("rlhf/evidence", 1, {
  context: Column.int32,
  exact: Column.bool,
  /** E_q[log w - log q], at most log Z. */
  elbo: Column.float64,
  /** Null where it isn't exact, like `gap`. */
  logZ: Column.nullable(Column.float64),
  /** KL(policy || target). */
  gap: Column.nullable(Column.float64),
  /** L_K, between elbo and log Z; over sequences from samples alone, like `ess`. */
  lowerBoundK: Column.nullable(Column.float64),
  K: Column.int32,
  /** E_target[log w - log q], at least log Z; from samples of the target, null for a target that can't be sampled. */
  eubo: Column.nullable(Column.float64),
  /** Of the weights w/q of all samples. */
  ess: Column.nullable(Column.float64),
  /** The two estimates of KL(policy || prior). Where the policy gave up answers of the prior, k3 lacks their mass. */
  kl_k1: Column.float64,
  kl_k3: Column.nullable(Column.float64),
  entropy: Column.float64,
})

const enumerated = (policy: TabularPolicy, prior: TabularPolicy, target: TabularTarget, K: number, samples: number) => {
  const [logQ, logW] = [Tabular.logProbabilities(policy), logWeights(policy, target)]
  const logPrior = Tabular.logProbabilities(prior)
  const logT = logQ.map((l, i) => l - logPrior[i]!)
  const [lower, upper, entropy] = [elbo(policy, target), eubo(policy, target), Tabular.entropy(policy)]
  const penalties = [k1, k3].map(({ penalty }) => Tabular.expect(policy, logT.map(penalty)))
  return Array.from({ length: policy.contexts }, (_, context) => {
    const row = (values: Float64Array) => Tabular.row(values, policy.answers, context)
    return {
      context,
      exact: true,
      elbo: lower[context]!,
      logZ: target.logZ[context]!,
      gap: target.logZ[context]! - lower[context]!,
      lowerBoundK: expectedBound(row(logQ), row(logW), K),
      K,
      eubo: upper[context]!,
      ess: samples * effectiveShare(row(logQ), row(logW)),
      kl_k1: penalties[0]![context]!,
      kl_k3: penalties[1]![context]!,
      entropy: entropy[context]!,
    }
  })
}

/** By dynamic programming. */
const chained = (policy: MarkovPolicy, prior: MarkovPolicy, { chain }: MarkovTarget, K: number) => {
  const lower = Chain.elboOf(chain, policy)
  return {
    context: 0,
    exact: true,
    elbo: lower,
    logZ: chain.logZ,
    gap: chain.logZ - lower,
    lowerBoundK: null,
    K,
    eubo: chain.logZ + Chain.klFrom(chain, policy),
    ess: null,
    kl_k1: Exact.kls(policy, prior)[0]!,
    kl_k3: null,
    entropy: Exact.entropies(policy)[0]!,
  }
}

const exactRows = (policy: Policy, prior: Policy, target: Target, K: number, samples: number) => {
  if (policy.kind === "tabular" && prior.kind === "tabular" && target.kind === "tabular")
    return enumerated(policy, prior, target, K, samples)
  return policy.kind === "markov" && prior.kind === "markov" && target.kind === "markov"
    ? [chained(policy, prior, target, K)]
    : []
}

/**
 * Bounds on the evidence log Z and the distance to the target: ELBO <= L_K <= log Z <= EUBO.
 *
 * @reference korbak2022rl
 * @reference burda2016importance
 */
export const evidenceReport = Stage.make("rlhf/evidence-report", {
  module: import.meta.url,
  title: "Bounds on the evidence of a target, and a policy's distance to it",
  uses: ["backend", "random"],
  parameters: {
    K: orElse(Count.annotate({ description: "samples in one evidence bound" }), 16),
    samples: orElse(Count.annotate({ description: "samples in all, a multiple of K" }), 51_200),
    targetSamples: Schema.optionalKey(
      Count.annotate({ description: "samples of the target for the upper bound, if not as many" }),
    ),
  },
  inputs: { policy: Policy, prior: Policy, target: Target },
  outputs: { report: Evidence },
  *run({ parameters: { K, samples, targetSamples = samples }, inputs: { policy, prior, target }, random }) {
    yield* sameSpace("policy", policy, "prior", prior)
    yield* ofTarget("policy", policy, target)
    if (samples % K !== 0)
      return yield* new StageError({
        message: `${samples} samples don't divide into groups of ${K}`,
        hint: "make 'samples' a multiple of 'K'",
      })
    const sampled = []
    for (let context = 0; context < policy.contexts; context++) {
      const own = random("policy", context)
      const drawn = yield* sample(policy, context, samples, () => own)
      const logQ = yield* logProbabilities(policy, drawn)
      const logPrior = yield* logProbabilities(prior, drawn)
      const logT = logQ.map((l, i) => l - logPrior[i]!)
      const weights = (yield* logScores(target, drawn)).map((w, i) => w - logQ[i]!)
      const drawing = random("target", context)
      const there = sampleTarget(target, context, targetSamples, () => drawing)
      const above = there && (yield* logProbabilities(policy, there))
      const upper = above && mean((yield* logScores(target, there)).map((w, i) => w - above[i]!))
      sampled.push({
        context,
        exact: false,
        elbo: mean(weights),
        logZ: null,
        gap: null,
        lowerBoundK: sampledBound(weights, K),
        K,
        eubo: upper ?? null,
        ess: effectiveSamples(weights),
        kl_k1: mean(logT.map(k1.penalty)),
        kl_k3: mean(logT.map(k3.penalty)),
        entropy: -mean(logQ),
      })
    }
    return { report: Evidence.fromRows([...exactRows(policy, prior, target, K, samples), ...sampled]) }
  },
})
