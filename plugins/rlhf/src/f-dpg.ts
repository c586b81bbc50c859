/** A policy near any target that can be evaluated up to a constant, in any divergence. */
import { Divergence, Property } from "@relent/divergence"
import { Count, orElse, Positive } from "@relent/named"
import { descend, descentFrom } from "@relent/nn/float64"
import { concat, overTokens, Policy, Target } from "@relent/sequence"
import { parametersOf, score, withParameters } from "@relent/sequence/policies"
import { Port, Stage, StageError } from "@relent/stage"
import { Effect, Option, Schema } from "effect"
import { mean } from "./mean.ts"
import { distribution, ofTarget, sameSpace } from "./refuse.ts"
import { sampledDistances } from "./target/distances.ts"
import { dpgMetrics, dpgRow } from "./target/metrics.ts"
import { logZEstimate, noSamples, type Partition, withSamples } from "./target/partition.ts"
import { paperConstant } from "./target/pseudo-reward.ts"
import { pay, type Rollout, rollout } from "./target/rollout.ts"
import { Dpg, lastOf } from "./target/state.ts"

const fields = {
  divergence: orElse(
    Divergence.having().annotate({
      description: "D(target || policy) that is made small; the gradient pays a sample -f'(policy / target)",
    }),
    "jensen-shannon",
  ),
  constant: orElse(
    Schema.Literals(["paper", "none"]).annotate({
      description: "what is added to f': the paper's -1 for kl and 1 for reverse-kl, or nothing, so that f'(1) = 0",
    }),
    "paper" as const,
  ),
  useBaseline: orElse(Schema.Boolean.annotate({ description: "less the mean of the last pseudo-rewards" }), true),
  window: orElse(Count.annotate({ description: "pseudo-rewards in the baseline" }), 1024),
  steps: orElse(Count, 1024),
  samples: orElse(Count.annotate({ description: "samples a context and step" }), 1024),
  contexts: orElse(Count.annotate({ description: "contexts a step" }), 16),
  scoringSize: orElse(Count.annotate({ description: "samples that share a baseline" }), 64),
  maxZ: Schema.optionalKey(Positive.annotate({ description: "the constant's estimate is kept at or below it" })),
  proposalUpdateInterval: orElse(
    Count.annotate({ description: "steps after which a proposal is replaced by the policy if that is nearer" }),
    16,
  ),
  windowEstimates: orElse(Count.annotate({ description: "steps in the estimates that decide it" }), 256),
  learningRate: orElse(Positive.annotate({ description: "of Adam" }), 1.41e-5),
  warmUp: orElse(Count.annotate({ description: "steps until the learning rate is whole" }), 12),
  every: orElse(Count.annotate({ description: "steps between two metrics and checkpoints" }), 50),
}

/** Whether the target declares that something must not be given. */
const hasZeros = (target: Target): boolean =>
  target.kind === "tabular"
    ? target.logScore.includes(-Infinity)
    : [(target.kind === "markov" ? target.chain : target).tilt].some(
        ({ step, final }) => step.includes(-Infinity) || final.includes(-Infinity),
      )

/** Refuses a proposal that never gives what the policy gives. */
const covering = (proposal: Policy | undefined, policy: Policy) => {
  if (proposal === undefined || proposal.kind !== policy.kind || proposal.kind === "autoregressive") return Effect.void
  const [q, p] = [parametersOf(proposal), parametersOf(policy)]
  const isMissing = q.length === p.length && q.some((z, i) => z === -Infinity && p[i] !== -Infinity)
  return isMissing
    ? new StageError({
        message: "the proposal never gives what the policy gives",
        hint: "take a proposal whose probabilities are above 0 where the policy's are",
      })
    : Effect.void
}

/** The estimated KL(target || policy) and KL(target || proposal) of a step, one behind the other. */
const compared = (rollouts: ReadonlyArray<Rollout>, partition: Partition): Float64Array => {
  const far = (of: "logPi" | "logQ") =>
    mean(
      Float64Array.from(
        rollouts,
        (r) => sampledDistances(r.logQ, r[of], r.logW, logZEstimate(partition, r.context)).kl_target_policy,
      ),
    )
  return Float64Array.of(far("logPi"), far("logQ"))
}

/** Whether the policy was the nearer one, in the mean of such estimates. */
const isNearer = (estimates: Float64Array): boolean =>
  mean(estimates.filter((_, i) => i % 2 === 0)) < mean(estimates.filter((_, i) => i % 2 === 1))

/**
 * Minimises `D(target || policy)` by `grad D = E_pi[f'(pi / p) grad log pi]`: samples are paid `-f'`, with the target's constant estimated
 * from all samples so far. Forward KL is distributional policy gradient; reverse KL towards a posterior is RL with a KL penalty.
 *
 * @reference go2023fdpg
 */
export const fDpg = Stage.make("rlhf/f-dpg", {
  module: import.meta.url,
  title: "A policy near a target, in any divergence by name",
  uses: ["backend", "random"],
  parameters: fields,
  inputs: { policy: Policy, target: Target, proposal: Port.optional(Policy) },
  outputs: { policy: Policy },
  metrics: dpgMetrics,
  state: Dpg,
  *run({ parameters, inputs, random, emit, progress, checkpoint }) {
    const { divergence, steps, samples: n, maxZ, every } = parameters
    const { policy: from, target, proposal: given } = inputs
    yield* ofTarget("policy", from, target)
    if (given !== undefined) yield* sameSpace("proposal", given, "policy", from)
    yield* covering(given, from)
    if (hasZeros(target) && !Property.targetMayVanish.holds(divergence))
      return yield* new StageError({
        message: `'${divergence.name}' is infinite for a target with zeros: it needs ${Property.targetMayVanish.name}`,
        hint: "take jensen-shannon, total-variation or kl, or a target without zeros",
      })
    const payment = { ...parameters, constant: parameters.constant === "paper" ? paperConstant(divergence) : 0 }
    const policyAt = (like: Policy, values: Float64Array) =>
      distribution(() => withParameters(like, values), "make 'learningRate' smaller")
    const turns = Math.min(parameters.contexts, from.contexts)

    const saved = yield* checkpoint.load
    const begin = Option.match(saved, { onNone: () => 0, onSome: ({ step }) => step })
    let state = Option.match(saved, {
      onNone: (): Dpg => ({
        kind: "f-dpg",
        descent: descentFrom(parametersOf(from)),
        partition: noSamples(from.contexts),
        window: new Float64Array(0),
        proposal: given === undefined ? new Float64Array(0) : parametersOf(given),
        estimates: new Float64Array(0),
      }),
      onSome: ({ state }) => state,
    })
    for (let step = begin; step < steps; step++) {
      const policy = yield* policyAt(from, state.descent.parameters)
      const proposal = given === undefined ? policy : yield* policyAt(given, state.proposal)
      const batch = yield* Effect.forEach(
        Array.from({ length: turns }, (_, k) => (step * turns + k) % from.contexts),
        (context) => rollout({ policy, proposal, target }, n, step, context, random),
      )
      let { partition } = state
      for (const { context, logW, logQ } of batch)
        partition = withSamples(
          partition,
          context,
          logW.map((w, i) => w - logQ[i]!),
          maxZ,
        )
      // a context of which no sample was in the support yet is left out
      const known = batch.filter(({ context }) => logZEstimate(partition, context) > -Infinity)
      const paid = pay(known, partition, state.window, payment)
      state = { ...state, partition, window: paid.window }
      if (known.length > 0) {
        const all = concat(...known.map(({ drawn }) => drawn))
        const upwards = yield* score(policy, all, overTokens(all, lastOf(Infinity, ...paid.weights)))
        const learningRate = parameters.learningRate * Math.min(1, (step + 1) / parameters.warmUp)
        const downwards = upwards.map((g) => -g)
        state = { ...state, descent: descend(state.descent, downwards, { step: step + 1, learningRate }) }
      }
      if (known.length > 0 && given !== undefined) {
        const estimates = lastOf(2 * parameters.windowEstimates, state.estimates, compared(known, partition))
        const isDue = (step + 1) % parameters.proposalUpdateInterval === 0
        state =
          isDue && parametersOf(policy).length === state.proposal.length && isNearer(estimates)
            ? { ...state, proposal: parametersOf(policy), estimates: new Float64Array(0) }
            : { ...state, estimates }
      }
      if ((step + 1) % every !== 0 && step + 1 !== steps) {
        yield* Effect.yieldNow
        continue
      }
      yield* progress(step + 1, steps)
      yield* emit({ step: step + 1, ...dpgRow({ policy, target, start: from }, known, partition, paid) })
      if (step + 1 < steps) yield* checkpoint.save({ step: step + 1, state })
    }
    return { policy: yield* policyAt(from, state.descent.parameters) }
  },
})
