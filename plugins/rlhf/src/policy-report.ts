/** What a policy gives: its reward, its diversity, its distance from the prior. */
import { Column, TableSchema } from "@relent/arrow"
import { Count, orElse } from "@relent/named"
import { Exact, type ExactPolicy, Markov, Policy, Rewards, rowSums, Tabular } from "@relent/sequence"
import { sample, tokenLogProbabilities } from "@relent/sequence/policies"
import { Stage } from "@relent/stage"
import { Effect } from "effect"
import { mean } from "./mean.ts"
import { logProbabilities } from "./preference/pair-loss.ts"
import { sameSpace } from "./refuse.ts"
import { rewardsOf, sampleRewards } from "./rewards.ts"

/** Means over contexts, in nats where logarithms occur. */
const Report = TableSchema.make("rlhf/policy-report", 1, {
  /** Enumerated or by dynamic programming; else from samples. */
  exact: Column.bool,
  reward: Column.float64,
  entropy: Column.float64,
  /** KL(policy || prior) */
  kl_to_prior: Column.float64,
  /** KL(prior || policy) */
  kl_from_prior: Column.float64,
})

const exactly = (policy: ExactPolicy, prior: ExactPolicy, reward: Float64Array) => ({
  exact: true,
  reward: policy.kind === "tabular" ? mean(Tabular.expect(policy, reward)) : Markov.expect(policy, reward),
  entropy: mean(Exact.entropies(policy)),
  kl_to_prior: mean(Exact.kls(policy, prior)),
  kl_from_prior: mean(Exact.kls(prior, policy)),
})

/**
 * Expected reward, entropy and both divergences to the prior.
 *
 * @reference none: means of what is defined elsewhere
 */
export const policyReport = Stage.make("rlhf/policy-report", {
  module: import.meta.url,
  title: "A policy's reward, entropy and distance from its prior",
  uses: ["backend", "random"],
  parameters: {
    samples: orElse(Count.annotate({ description: "of each policy and context, where it can't be exact" }), 1024),
  },
  inputs: { policy: Policy, prior: Policy, reward: Rewards },
  outputs: { report: Report },
  *run({ parameters: { samples: count }, inputs: { policy, prior, reward }, random }) {
    yield* sameSpace("policy", policy, "prior", prior)
    const rewards = yield* rewardsOf(reward, policy, false)
    if (policy.kind !== "autoregressive" && prior.kind === policy.kind)
      return { report: Report.fromRows([exactly(policy, prior, rewards)]) }
    const drawn = yield* sample(policy, 0, count, (i) => random("policy", 0, i))
    const ofPrior = yield* sample(prior, 0, count, (i) => random("prior", 0, i))
    const logs = rowSums(drawn, yield* tokenLogProbabilities(policy, drawn))
    const [over, under] = yield* Effect.all([logProbabilities(prior, drawn), logProbabilities(policy, ofPrior)])
    const priorLogs = yield* logProbabilities(prior, ofPrior)
    const row = {
      exact: false,
      reward: mean(sampleRewards(policy, rewards, drawn)),
      entropy: -mean(logs),
      kl_to_prior: mean(logs.map((l, i) => l - over[i]!)),
      kl_from_prior: mean(priorLogs.map((l, i) => l - under[i]!)),
    }
    return { report: Report.fromRows([row]) }
  },
})
