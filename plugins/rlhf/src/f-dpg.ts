/** A policy near any target that can be evaluated up to a constant, in any divergence. */
import { Column } from "@relent/arrow"
import { Divergence, Property } from "@relent/divergence"
import { Count, orElse, Positive } from "@relent/named"
import { descend, descentFrom } from "@relent/nn/float64"
import { concat, overTokens, Policy, Target } from "@relent/sequence"
import { parametersOf, sample, score, withParameters } from "@relent/sequence/policies"
import { Port, Stage, StageError } from "@relent/stage"
import { Effect, Option, Schema } from "effect"
import { logProbabilities } from "./preference/pair-loss.ts"
import { distribution, ofTarget, sameSpace } from "./refuse.ts"
import { exactDistances, exactKl, sampledDistances } from "./target/distances.ts"
import { logZEstimate, noSamples, withSamples } from "./target/partition.ts"
import { paperConstant, pseudoRewards } from "./target/pseudo-reward.ts"
import { logScores } from "./target/score.ts"
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

const mean = (x: Float64Array) => x.reduce((sum, v) => sum + v, 0) / x.length

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
  metrics: {
    loss: Column.float64,
    /** The estimated constant, a mean over contexts. */
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
  },
  state: Dpg,
  *run({ parameters, inputs, random, emit, progress, checkpoint }) {
    const { divergence, steps, samples: n, scoringSize, maxZ, useBaseline, every } = parameters
    const { policy: from, target, proposal } = inputs
    yield* ofTarget("policy", from, target)
    if (proposal !== undefined) yield* sameSpace("proposal", proposal, "policy", from)
    yield* covering(proposal, from)
    if (hasZeros(target) && !Property.targetMayVanish.holds(divergence))
      return yield* new StageError({
        message: `'${divergence.name}' is infinite for a target with zeros: it needs ${Property.targetMayVanish.name}`,
        hint: "take jensen-shannon, total-variation or kl, or a target without zeros",
      })
    const constant = parameters.constant === "paper" ? paperConstant(divergence) : 0
    const policyAt = (values: Float64Array) =>
      distribution(() => withParameters(from, values), "make 'learningRate' smaller")
    const turns = Math.min(parameters.contexts, from.contexts)

    const draw = (q: Policy, policy: Policy, step: number, context: number) =>
      Effect.gen(function* () {
        const drawn = yield* sample(q, context, n, (i) => random("rollout", step, context, i))
        const logQ = yield* logProbabilities(q, drawn)
        const logPi = q === policy ? logQ : yield* logProbabilities(policy, drawn)
        const logW = yield* logScores(target, drawn)
        const wrong = logW.findIndex((w) => !(w < Infinity))
        if (wrong >= 0)
          return yield* new StageError({
            message: `the target's logarithm is ${logW[wrong]} for sample ${wrong} of step ${step}`,
            hint: "a target is finite, or -infinity where it forbids",
          })
        return { drawn, logQ, logPi, logW, context }
      })

    const saved = yield* checkpoint.load
    const begin = Option.match(saved, { onNone: () => 0, onSome: ({ step }) => step })
    let state = Option.match(saved, {
      onNone: (): Dpg => ({
        kind: "f-dpg",
        descent: descentFrom(parametersOf(from)),
        partition: noSamples(from.contexts),
        window: new Float64Array(0),
        proposal: proposal === undefined ? new Float64Array(0) : parametersOf(proposal),
        estimates: new Float64Array(0),
      }),
      onSome: ({ state }) => state,
    })
    for (let step = begin; step < steps; step++) {
      const policy = yield* policyAt(state.descent.parameters)
      const space = proposal ?? policy
      const q =
        state.proposal.length === 0 ? policy : yield* distribution(() => withParameters(space, state.proposal), "")
      const batch = yield* Effect.forEach(
        Array.from({ length: turns }, (_, k) => (step * turns + k) % from.contexts),
        (context) => draw(q, policy, step, context),
      )
      let { partition, window } = state
      for (const { context, logW, logQ } of batch)
        partition = withSamples(
          partition,
          context,
          logW.map((w, i) => w - logQ[i]!),
          maxZ,
        )
      const known = batch.filter(({ context }) => logZEstimate(partition, context) > -Infinity)
      const weights: Array<Float64Array> = []
      let [loss, paid, base] = [0, 0, null as number | null]
      for (const { logPi, logQ, logW, context } of known) {
        const logZ = logZEstimate(partition, context)
        const R = pseudoRewards(
          divergence,
          logPi.map((l, i) => l - (logW[i]! - logZ)),
          constant,
        )
        const own = new Float64Array(n)
        for (let at = 0; at < n; at += scoringSize) {
          const part = R.subarray(at, at + scoringSize)
          base = useBaseline && window.length > 0 ? mean(window) : null
          part.forEach((r, i) => {
            const ratio = Math.exp(logPi[at + i]! - logQ[at + i]!)
            own[at + i] = (ratio * (r - (base ?? 0))) / (n * known.length)
            loss -= own[at + i]! * logPi[at + i]!
          })
          window = lastOf(parameters.window, window, part)
        }
        paid += mean(R) / known.length
        weights.push(own)
      }
      let { descent, estimates } = state
      let proposing = state.proposal
      if (known.length > 0) {
        const all = concat(...known.map(({ drawn }) => drawn))
        const own = Float64Array.from(weights.flatMap((w) => [...w]))
        const upwards = yield* score(policy, all, overTokens(all, own))
        const learningRate = parameters.learningRate * Math.min(1, (step + 1) / parameters.warmUp)
        descent = descend(
          descent,
          upwards.map((g) => -g),
          { step: step + 1, learningRate },
        )
        if (proposing.length > 0) {
          const far = (logModel: "logPi" | "logQ") =>
            known.reduce(
              (sum, b) =>
                sum +
                sampledDistances(b.logQ, b[logModel], b.logW, logZEstimate(partition, b.context)).kl_target_policy /
                  known.length,
              0,
            )
          estimates = lastOf(2 * parameters.windowEstimates, estimates, Float64Array.of(far("logPi"), far("logQ")))
          if ((step + 1) % parameters.proposalUpdateInterval === 0) {
            const side = (k: number) => mean(estimates.filter((_, i) => i % 2 === k))
            if (side(0) < side(1)) {
              proposing = parametersOf(policy)
              estimates = new Float64Array(0)
            }
          }
        }
      }
      state = { kind: "f-dpg", descent, partition, window, proposal: proposing, estimates }
      if ((step + 1) % every !== 0 && step + 1 !== steps) {
        yield* Effect.yieldNow
        continue
      }
      yield* progress(step + 1, steps)
      const sampled = known.map(({ logQ, logPi, logW, context }) =>
        sampledDistances(logQ, logPi, logW, logZEstimate(partition, context)),
      )
      const of = (name: "tv" | "js" | "kl_target_policy" | "kl_policy_target" | "support") =>
        sampled.reduce((sum, s) => sum + s[name]! / sampled.length, 0)
      const exact = exactDistances(policy, target)
      const ownLogs = known.flatMap(({ logQ, logPi }) => logPi.map((l, i) => l * Math.exp(l - logQ[i]!)))
      const start = exactKl(policy, from)
      yield* emit({
        step: step + 1,
        loss,
        Z: Array.from({ length: from.contexts }, (_, c) => Math.exp(logZEstimate(partition, c))).reduce(
          (sum, z) => sum + z / from.contexts,
          0,
        ),
        baseline: base,
        pseudo_reward: paid,
        kl_target_policy: exact?.kl_target_policy ?? of("kl_target_policy"),
        kl_policy_target: exact?.kl_policy_target ?? of("kl_policy_target"),
        tv: exact?.tv ?? of("tv"),
        js: exact?.js ?? of("js"),
        kl_policy_start: start ?? null,
        entropy: exact?.entropy ?? -mean(Float64Array.from(ownLogs.flatMap((l) => [...l]))),
        support: exact?.support ?? of("support"),
        exact: exact !== undefined,
      })
      if (step + 1 < steps) yield* checkpoint.save({ step: step + 1, state })
    }
    return { policy: yield* policyAt(state.descent.parameters) }
  },
})
