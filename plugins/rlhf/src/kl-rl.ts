/** Reinforcement learning with a penalty for leaving the prior: variational inference of the posterior. */
import { Divergence } from "@relent/divergence"
import { Count, orElse, Positive, Share } from "@relent/named"
import { descend, Descent, descentFrom } from "@relent/nn/float64"
import { Policy, Rewards } from "@relent/sequence"
import { Port, Stage } from "@relent/stage"
import { Effect, Option, Schema } from "effect"
import { learnerOf } from "./inference/learner.ts"
import { progressMetrics } from "./inference/progress.ts"
import { hardConstraint } from "./parameters.ts"
import { sameSpace } from "./refuse.ts"
import { rewardsOf } from "./rewards.ts"

const fields = {
  beta: orElse(
    Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0)).annotate({ description: "weight of the penalty" }),
    0.05,
  ),
  divergence: orElse(
    Divergence.having().annotate({
      description: "the penalty is D(prior || policy): reverse-kl is KL(policy || prior)",
    }),
    "reverse-kl",
  ),
  allowCollapse: orElse(
    Schema.Boolean.annotate({ description: "beta 0 is meant: nothing keeps the policy from a single answer" }),
    false,
  ),
  hardConstraint,
  estimator: orElse(
    Schema.Literals(["exact", "reinforce", "ppo"]).annotate({
      description: "the gradient: enumerated, from samples, or of a clipped loss with a critic",
    }),
    "reinforce" as const,
  ),
  klEstimator: orElse(
    Schema.Literals(["k1", "k3"]).annotate({
      description: "what a sample is charged for the KL; k3 has KL's mean but not its gradient",
    }),
    "k1" as const,
  ),
  baseline: orElse(Schema.Literals(["leave-one-out", "none"]), "leave-one-out" as const),
  batch: orElse(Count.annotate({ description: "samples a context and step" }), 256),
  steps: orElse(Count, 400),
  learningRate: orElse(Positive.annotate({ description: "of Adam" }), 0.05),
  ppo: orElse(
    Schema.Struct({
      epochs: orElse(Count.annotate({ description: "passes over the samples of a step" }), 4),
      minibatches: orElse(Count.annotate({ description: "updates a pass; they divide the batch" }), 1),
      eps: orElse(Positive.annotate({ description: "how far a ratio of probabilities may count" }), 0.2),
      epsv: orElse(Positive.annotate({ description: "how far a value may move" }), 0.2),
      vfCoef: orElse(Positive.annotate({ description: "weight of the critic's loss" }), 0.1),
      gamma: orElse(Share, 1),
      lam: orElse(Share, 0.95),
    }),
    {},
  ),
  every: orElse(Count.annotate({ description: "steps between two metrics and checkpoints" }), 20),
}

/** The parameters, decoded. */
export type KlRl = Schema.Struct<typeof fields>["Type"]

/** What is wrong with parameters that are each in their range. */
const conflict = ({ beta, allowCollapse, klEstimator, divergence, estimator, baseline, batch, ppo }: KlRl) => {
  if (beta === 0 && !allowCollapse)
    return {
      path: ["beta"],
      issue: "0 lets the policy collapse to a single answer: give a beta above 0, or say allowCollapse: true",
    }
  if (klEstimator === "k3" && (divergence !== Divergence.reverseKl || estimator === "exact")) {
    const found = estimator === "exact" ? "enumerated" : `'${divergence.name}'`
    return {
      path: ["klEstimator"],
      issue: `k3 estimates KL(policy || prior) from samples; here it is ${found}: leave klEstimator out`,
    }
  }
  if (estimator === "reinforce" && baseline === "leave-one-out" && batch < 2)
    return { path: ["batch"], issue: "leave-one-out needs a batch of 2 or more: make it larger, or say baseline: none" }
  if (estimator === "ppo" && divergence !== Divergence.reverseKl)
    return {
      path: ["divergence"],
      issue: `ppo charges tokens for KL(policy || prior), not for '${divergence.name}': leave divergence out`,
    }
  if (estimator === "ppo" && batch % ppo.minibatches !== 0)
    return { path: ["ppo"], issue: `a batch of ${batch} doesn't divide into ${ppo.minibatches} minibatches` }
  return undefined
}

/**
 * Maximises `E_pi[r] - beta D(prior || policy)` by Adam. With KL(pi || prior) that is `beta (log Z - KL(pi || pi*))`: the optimum is
 * the posterior, and the objective over beta is a bound on its evidence. Over sequences the rewards are of steps.
 *
 * @reference korbak2022rl
 */
export const klRl = Stage.make("rlhf/kl-rl", {
  module: import.meta.url,
  title: "A policy of higher reward that stays near its prior",
  uses: ["backend", "random"],
  parameters: Schema.Struct(fields).check(Schema.makeFilter(conflict)),
  inputs: { prior: Policy, reward: Rewards, policy: Port.optional(Policy) },
  outputs: { policy: Policy },
  metrics: progressMetrics,
  state: Descent,
  *run({ parameters, inputs, random, emit, progress, checkpoint }) {
    const { steps, learningRate, every } = parameters
    const { prior, policy: from = prior } = inputs
    yield* sameSpace("policy", from, "prior", prior)
    const reward = yield* rewardsOf(inputs.reward, prior, parameters.hardConstraint)
    const learner = yield* learnerOf({ parameters, prior, from, reward, random })

    const saved = yield* checkpoint.load
    const begin = Option.match(saved, { onNone: () => 0, onSome: ({ step }) => step })
    let state = Option.match(saved, { onNone: () => descentFrom(learner.first), onSome: ({ state }) => state })
    if (begin === 0) yield* emit({ step: 0, ...(yield* learner.measure(yield* learner.policyAt(state), 0)) })
    for (let step = begin; step < steps; step++) {
      for (const [i, downwards] of (yield* learner.updates(state, step)).entries()) {
        const gradient = yield* downwards(state)
        state = descend(state, gradient, { step: step * learner.perStep + i + 1, learningRate })
      }
      if ((step + 1) % every !== 0 && step + 1 !== steps) {
        yield* Effect.yieldNow
        continue
      }
      yield* progress(step + 1, steps)
      yield* emit({ step: step + 1, ...(yield* learner.measure(yield* learner.policyAt(state), step + 1)) })
      if (step + 1 < steps) yield* checkpoint.save({ step: step + 1, state })
    }
    return { policy: yield* learner.policyAt(state) }
  },
})
