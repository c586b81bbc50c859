/** Reinforcement learning with a penalty for leaving the prior: variational inference of the posterior. */
import { Divergence, k3 } from "@relent/divergence"
import { Count, orElse } from "@relent/named"
import { descend, Descent, descentFrom } from "@relent/nn/float64"
import { Policy, Rewards, Tabular, type TabularPolicy } from "@relent/sequence"
import { Port, Stage, StageError } from "@relent/stage"
import { Effect, Option, Schema } from "effect"
import { exactGradient, type Objective, sampledGradient } from "./inference/policy-gradient.ts"
import { progressMetrics, progressOf } from "./inference/progress.ts"
import { hardConstraint } from "./parameters.ts"
import { distribution, sameShape } from "./refuse.ts"
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
    Schema.Literals(["exact", "reinforce"]).annotate({ description: "the gradient, enumerated or from samples" }),
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
  learningRate: orElse(Schema.Finite.check(Schema.isGreaterThan(0)).annotate({ description: "of Adam" }), 0.05),
  every: orElse(Count.annotate({ description: "steps between two metrics and checkpoints" }), 20),
}

type Given = Schema.Struct<typeof fields>["Type"]

/** What is wrong with parameters that are each in their range. */
const conflict = ({ beta, allowCollapse, klEstimator, divergence, estimator, baseline, batch }: Given) => {
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
  return undefined
}

/** Where learning starts: without the answers that must not be given, and at a finite penalty. */
const start = Effect.fnUntraced(function* (
  { beta, divergence }: Given,
  from: TabularPolicy,
  prior: TabularPolicy,
  reward: Float64Array,
) {
  const { contexts, answers } = from
  const allowed = from.logits.map((z, i) => (reward[i] === -Infinity ? -Infinity : z))
  const policy = yield* distribution(() => Tabular.make(contexts, answers, allowed), "allow an answer that it gives")
  const infinite = Tabular.between(divergence, prior, policy).findIndex((d) => d === Infinity)
  if (beta > 0 && infinite >= 0)
    return yield* new StageError({
      message: `the penalty '${divergence.name}' is infinite at the start, in context ${infinite}`,
      hint: "start from a policy that gives the prior's answers, or take a divergence that is finite there",
    })
  return policy
})

/**
 * Maximises `E_pi[r] - beta D(prior || pi)` over tabular policies, by Adam. With KL(pi || prior) that is
 * `beta (log Z - KL(pi || pi*))`: the optimum is the posterior, and the objective over beta is a bound on its evidence.
 *
 * @reference korbak2022rl
 */
export const klRl = Stage.make("rlhf/kl-rl", {
  module: import.meta.url,
  title: "A policy of higher reward that stays near its prior",
  uses: ["random"],
  parameters: Schema.Struct(fields).check(Schema.makeFilter(conflict)),
  inputs: { prior: Policy.only("tabular"), reward: Rewards, policy: Port.optional(Policy.only("tabular")) },
  outputs: { policy: Policy.only("tabular") },
  metrics: progressMetrics,
  state: Descent,
  *run({ parameters, inputs, random, emit, progress, checkpoint }) {
    const { beta, divergence, estimator, klEstimator, baseline, batch, steps, learningRate, every } = parameters
    const { prior, policy: from = prior } = inputs
    yield* sameShape("policy", from, "prior", prior)
    const reward = yield* rewardsOf(inputs.reward, prior, parameters.hardConstraint)
    const first = yield* start(parameters, from, prior, reward)
    const measure = yield* distribution(
      () => progressOf({ prior, reward, beta, divergence }),
      "allow an answer that the prior gives; if r / beta overflows, make beta larger",
    )
    const { contexts, answers } = prior
    const objective: Objective = {
      contexts,
      answers,
      logPrior: Tabular.logProbabilities(prior),
      reward,
      beta,
      charge: klEstimator === "k3" ? k3.penalty : (logT) => divergence.link(logT),
    }
    const policyAt = ({ parameters: logits }: Descent) =>
      distribution(() => Tabular.make(contexts, answers, logits), "make 'learningRate' smaller")
    const gradientAt = (policy: TabularPolicy, step: number) => {
      const logPi = Tabular.logProbabilities(policy)
      if (estimator === "exact") return exactGradient(logPi, objective)
      const sampled = (context: number) => Tabular.sample(policy, context, batch, random("rollout", step, context))
      return sampledGradient(logPi, objective, sampled, baseline)
    }

    const saved = yield* checkpoint.load
    const begin = Option.match(saved, { onNone: () => 0, onSome: ({ step }) => step })
    let state = Option.match(saved, { onNone: () => descentFrom(first.logits), onSome: ({ state }) => state })
    if (begin === 0) yield* emit({ step: 0, ...measure(first) })
    for (let step = begin; step < steps; step++) {
      const downwards = gradientAt(yield* policyAt(state), step).map((g) => -g)
      state = descend(state, downwards, { step: step + 1, learningRate })
      if ((step + 1) % every !== 0 && step + 1 !== steps) {
        yield* Effect.yieldNow
        continue
      }
      yield* progress(step + 1, steps)
      yield* emit({ step: step + 1, ...measure(yield* policyAt(state)) })
      if (step + 1 < steps) yield* checkpoint.save({ step: step + 1, state })
    }
    return { policy: yield* policyAt(state) }
  },
})
