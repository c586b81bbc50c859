/** How far a policy is from a target, in several divergences at once. */
import { Column, TableSchema } from "@relent/arrow"
import { logSumExp } from "@relent/divergence"
import { Count, orElse } from "@relent/named"
import { logZOf, Policy, Target } from "@relent/sequence"
import { sample } from "@relent/sequence/policies"
import { Port, Stage } from "@relent/stage"
import { mean } from "./mean.ts"
import { logProbabilities } from "./preference/pair-loss.ts"
import { ofTarget, sameSpace } from "./refuse.ts"
import { type Distances, exactDistances, exactKl, sampledDistances } from "./target/distances.ts"
import { logScores } from "./target/score.ts"

/** A row that is exact, where that can be, and one from samples of the policy. Means over contexts, in nats. */
const Report = TableSchema.make("rlhf/target-divergences", 1, {
  exact: Column.bool,
  kl_target_policy: Column.float64,
  kl_policy_target: Column.float64,
  tv: Column.nullable(Column.float64),
  /** Jensen–Shannon, at most log 2. */
  js: Column.nullable(Column.float64),
  entropy: Column.float64,
  /** Probability that the policy gives what the target allows. */
  support: Column.float64,
  logZ: Column.float64,
  kl_policy_prior: Column.nullable(Column.float64),
})

type Sampled = Distances & { readonly logZ: number; readonly kl: number | undefined }

/**
 * Divergences between target and policy: by enumeration or dynamic programming, and estimated from samples of the policy.
 *
 * @reference go2023fdpg
 */
export const targetDivergenceReport = Stage.make("rlhf/target-divergence-report", {
  module: import.meta.url,
  title: "A policy's divergences from a target",
  uses: ["backend", "random"],
  parameters: { samples: orElse(Count.annotate({ description: "of the policy, a context" }), 1024) },
  inputs: { policy: Policy, target: Target, prior: Port.optional(Policy) },
  outputs: { report: Report },
  *run({ parameters: { samples: count }, inputs: { policy, target, prior }, random }) {
    yield* ofTarget("policy", policy, target)
    if (prior !== undefined) yield* sameSpace("policy", policy, "prior", prior)
    const exact = exactDistances(policy, target)
    const found: Array<Sampled> = []
    for (let context = 0; context < policy.contexts; context++) {
      const drawn = yield* sample(policy, context, count, (i) => random("policy", context, i))
      const logQ = yield* logProbabilities(policy, drawn)
      const logW = yield* logScores(target, drawn)
      const logZ = target.exact
        ? logZOf(target)[context]!
        : logSumExp(logW.map((w, i) => w - logQ[i]!)) - Math.log(count)
      const before = prior && (yield* logProbabilities(prior, drawn))
      found.push({
        ...sampledDistances(logQ, logQ, logW, logZ),
        entropy: -mean(logQ),
        logZ,
        kl: before && mean(logQ.map((l, i) => l - before[i]!)),
      })
    }
    const of = (name: "kl_target_policy" | "kl_policy_target" | "tv" | "js" | "entropy" | "support" | "logZ") =>
      mean(found.map((row) => row[name]!))
    const sampled = {
      exact: false,
      kl_target_policy: of("kl_target_policy"),
      kl_policy_target: of("kl_policy_target"),
      tv: of("tv"),
      js: of("js"),
      entropy: of("entropy"),
      support: of("support"),
      logZ: of("logZ"),
      kl_policy_prior: prior === undefined ? null : mean(found.map(({ kl }) => kl!)),
    }
    const first =
      exact === undefined
        ? []
        : [{ exact: true, ...exact, logZ: of("logZ"), kl_policy_prior: (prior && exactKl(policy, prior)) ?? null }]
    return { report: Report.fromRows([...first, sampled]) }
  },
})
