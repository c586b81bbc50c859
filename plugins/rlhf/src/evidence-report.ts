/** How near a policy is to its target. */
import { Column, TableSchema } from "@relent/arrow"
import { k1, k3 } from "@relent/divergence"
import { Count, orElse } from "@relent/named"
import { Policy, policyOf, Tabular, type TabularPolicy, type TabularTarget, Target } from "@relent/sequence"
import { Stage, StageError } from "@relent/stage"
import {
  effectiveSamples,
  effectiveShare,
  elbo,
  eubo,
  expectedBound,
  logWeights,
  sampledBound,
} from "./inference/evidence.ts"
import { sameShape } from "./refuse.ts"

/** Two rows a context: by enumeration (`exact`), and what the same quantities look like from samples. In nats. */
export const Evidence = TableSchema.make("rlhf/evidence", 1, {
  context: Column.int32,
  exact: Column.bool,
  /** E_q[log w - log q], at most log Z. */
  elbo: Column.float64,
  /** Null where it isn't enumerated, like `gap`. */
  logZ: Column.nullable(Column.float64),
  /** KL(policy || target). */
  gap: Column.nullable(Column.float64),
  /** L_K, between elbo and log Z. */
  lowerBoundK: Column.float64,
  K: Column.int32,
  /** E_target[log w - log q], at least log Z; from samples of the target, null for a target that can't be sampled. */
  eubo: Column.nullable(Column.float64),
  /** Of the weights w/q of all samples. */
  ess: Column.float64,
  /** The two estimates of KL(policy || prior). Where the policy gave up answers of the prior, k3 lacks their mass. */
  kl_k1: Column.float64,
  kl_k3: Column.float64,
  entropy: Column.float64,
})

const mean = (x: Float64Array) => x.reduce((sum, v) => sum + v, 0) / x.length

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

/**
 * Bounds on the evidence log Z and the distance to the target: ELBO <= L_K <= log Z <= EUBO.
 *
 * @reference korbak2022rl
 * @reference burda2016importance
 */
export const evidenceReport = Stage.make("rlhf/evidence-report", {
  module: import.meta.url,
  title: "Bounds on the evidence of a target, and a policy's distance to it",
  uses: ["random"],
  parameters: {
    K: orElse(Count.annotate({ description: "samples in one evidence bound" }), 16),
    samples: orElse(Count.annotate({ description: "samples in all, a multiple of K" }), 51_200),
  },
  inputs: { policy: Policy.only("tabular"), prior: Policy.only("tabular"), target: Target.only("tabular") },
  outputs: { report: Evidence },
  *run({ parameters: { K, samples }, inputs: { policy, prior, target }, random }) {
    yield* sameShape("policy", policy, "prior", prior)
    yield* sameShape("policy", policy, "target", target)
    if (samples % K !== 0)
      return yield* new StageError({
        message: `${samples} samples don't divide into groups of ${K}`,
        hint: "make 'samples' a multiple of 'K'",
      })
    const [logQ, logW] = [Tabular.logProbabilities(policy), logWeights(policy, target)]
    const logPrior = Tabular.logProbabilities(prior)
    const sampled = Array.from({ length: policy.contexts }, (_, context) => {
      const drawn = Tabular.sample(policy, context, samples, random("policy", context))
      const ofTarget = Tabular.sample(policyOf(target), context, samples, random("target", context))
      const by = (values: Float64Array, answers = drawn) =>
        Float64Array.from(answers, (a) => values[context * policy.answers + a]!)
      const logT = logQ.map((l, i) => l - logPrior[i]!)
      const weights = by(logW)
      return {
        context,
        exact: false,
        elbo: mean(weights),
        logZ: null,
        gap: null,
        lowerBoundK: sampledBound(weights, K),
        K,
        eubo: mean(by(logW, ofTarget)),
        ess: effectiveSamples(weights),
        kl_k1: mean(by(logT.map(k1.penalty))),
        kl_k3: mean(by(logT.map(k3.penalty))),
        entropy: -mean(by(logQ)),
      }
    })
    return { report: Evidence.fromRows([...enumerated(policy, prior, target, K, samples), ...sampled]) }
  },
})
