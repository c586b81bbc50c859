/** What f-DPG tells of a step. */
import { Column, type Row } from "@relent/arrow"
import type { Policy, Target } from "@relent/sequence"
import { exactDistances, exactKl, sampledDistances } from "./distances.ts"
import { logZEstimate, type Partition } from "./partition.ts"
import type { Paid, Rollout } from "./rollout.ts"

/** Of the policy before the step's update; means over contexts, in nats. */
export const dpgMetrics = {
  loss: Column.float64,
  /** The estimated constant. */
  Z: Column.float64,
  /** Null where there is none. */
  baseline: Column.nullable(Column.float64),
  pseudo_reward: Column.float64,
  kl_target_policy: Column.float64,
  kl_policy_target: Column.float64,
  tv: Column.float64,
  js: Column.float64,
  /** KL(policy || the policy it started from), where it is exact. */
  kl_policy_start: Column.nullable(Column.float64),
  entropy: Column.float64,
  /** Probability that the policy gives what the target allows. */
  support: Column.float64,
  /** All but tv and js, which over sequences are estimated from the step's samples. */
  exact: Column.bool,
}

/** Estimates from one step's samples: a mean over contexts, NaN where no context had a sample in the support. */
export const estimated = (rollouts: ReadonlyArray<Rollout>, partition: Partition) => {
  const each = rollouts.map(({ logQ, logPi, logW, context }) => ({
    ...sampledDistances(logQ, logPi, logW, logZEstimate(partition, context)),
    entropy: logPi.reduce((sum, l, i) => sum - (Math.exp(l - logQ[i]!) * l) / logPi.length, 0),
  }))
  return (name: keyof (typeof each)[number]) => each.reduce((sum, row) => sum + row[name]!, 0) / each.length
}

export const dpgRow = (
  { policy, target, start }: { readonly policy: Policy; readonly target: Target; readonly start: Policy },
  rollouts: ReadonlyArray<Rollout>,
  partition: Partition,
  { loss, baseline, pseudoReward }: Paid,
): Row<typeof dpgMetrics> => {
  const exact = exactDistances(policy, target)
  const of = estimated(rollouts, partition)
  const contexts = partition.counts.length
  return {
    loss,
    Z: Array.from({ length: contexts }, (_, c) => Math.exp(logZEstimate(partition, c)) / contexts).reduce(
      (a, b) => a + b,
    ),
    baseline,
    pseudo_reward: pseudoReward,
    kl_target_policy: exact?.kl_target_policy ?? of("kl_target_policy"),
    kl_policy_target: exact?.kl_policy_target ?? of("kl_policy_target"),
    tv: exact?.tv ?? of("tv"),
    js: exact?.js ?? of("js"),
    kl_policy_start: exactKl(policy, start) ?? null,
    entropy: exact?.entropy ?? of("entropy"),
    support: exact?.support ?? of("support"),
    exact: exact !== undefined,
  }
}
