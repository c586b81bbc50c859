/** Preferences without a reward model: a policy is the classifier. */
import { Column } from "@relent/arrow"
import { Divergence, Property } from "@relent/divergence"
import { Count, orElse, Positive } from "@relent/named"
import { batches } from "@relent/nn"
import { Descent } from "@relent/nn/float64"
import { Pairs, type PairSamples, pairsOf, Policy } from "@relent/sequence"
import { Port, Stage, StageError } from "@relent/stage"
import { Effect, Schema } from "effect"
import { descending } from "./descent.ts"
import { pairGradient, pairLogs, type PairLogs, pairLosses, pairMetrics, pickPairs } from "./preference/pair-loss.ts"
import { distribution, sameSpace } from "./refuse.ts"

/** The divergence that keeps a policy near its prior, where its link is the implicit reward. */
export const constraint = {
  divergence: orElse(
    Divergence.having(Property.fullSupport).annotate({
      description:
        "what keeps the policy near the prior is D(prior || policy): reverse-kl, KL(policy || prior), is DPO",
    }),
    "reverse-kl",
  ),
  beta: orElse(Positive.annotate({ description: "how much leaving the prior costs" }), 0.1),
}

/** Pairs that say nothing: warned of, since somebody may not have meant them. */
export const sameTwice = ({ winners, losers }: PairSamples): number => {
  const { length, lengths, tokens } = winners
  return lengths.filter((n, row) => {
    if (losers.lengths[row] !== n) return false
    for (let t = 0; t < n; t++) if (tokens[row * length + t] !== losers.tokens[row * losers.length + t]) return false
    return true
  }).length
}

/** Refuses pairs with a sequence to which the prior, or the start, gives no probability: there is no ratio. */
export const finite = (what: string, { winners, losers }: PairLogs) => {
  const wrong = winners.findIndex((l, i) => !Number.isFinite(l) || !Number.isFinite(losers[i]!))
  return wrong < 0
    ? Effect.void
    : new StageError({
        message: `the ${what} gives pair ${wrong} the log-probabilities ${winners[wrong]} and ${losers[wrong]}`,
        hint: `take pairs that the ${what} can give: without probability there is no ratio`,
      })
}

/**
 * Minimises the mean over pairs of `-log sigmoid(beta (s(l_w) - s(l_l)))`, `l = log pi - log pi0` of a whole sequence, `s = f*'` the link of
 * the divergence, by Adam. Its population minimum is the optimum of `E[r] - beta D(prior || policy)` for the reward behind the
 * preferences (`f-optimum`).
 *
 * @reference wang2024fdpo
 */
export const fDpo = Stage.make("rlhf/f-dpo", {
  module: import.meta.url,
  title: "A policy from preferences, near a prior in any divergence whose optimum has full support",
  uses: ["backend", "random"],
  parameters: {
    ...constraint,
    labelSmoothing: orElse(
      Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 0.5, exclusiveMaximum: true })).annotate({
        description: "how often a label is taken to be wrong",
      }),
      0,
    ),
    batch: orElse(
      Schema.Union([Count, Schema.Literal("all")]).annotate({ description: "pairs a step, or all of them" }),
      64,
    ),
    steps: orElse(Count, 300),
    learningRate: orElse(Positive.annotate({ description: "of Adam" }), 0.01),
    every: orElse(Count.annotate({ description: "steps between two metrics and checkpoints" }), 20),
  },
  inputs: { prior: Policy, pairs: Pairs, policy: Port.optional(Policy) },
  outputs: { policy: Policy },
  metrics: {
    loss: Column.float64,
    accuracy: Column.float64,
    /** `s(l_w) - s(l_l)` */
    margin: Column.float64,
    chosen_reward: Column.float64,
    rejected_reward: Column.float64,
    max_abs_l: Column.float64,
    /** Links that were cut off: pairs of which nothing is learnt any more. */
    clamped: Column.int32,
  },
  state: Descent,
  *run({ parameters, inputs, random, ...context }) {
    const { divergence, beta, labelSmoothing: smoothing, batch } = parameters
    const { prior, policy: from = prior } = inputs
    yield* sameSpace("policy", from, "prior", prior)
    const pairs = yield* distribution(() => pairsOf(prior, inputs.pairs), "give pairs of the prior's sequences")
    const same = sameTwice(pairs)
    if (same > 0) yield* context.warn(`${same} pairs are of one sequence twice: nothing is learnt of them`)
    const examples = pairs.weights.length
    const size = batch === "all" ? examples : batch
    if (size > examples)
      return yield* new StageError({
        message: `a batch of ${size} can't be drawn from ${examples} pairs`,
        hint: "make 'batch' smaller, or say batch: all",
      })
    const ofPrior = yield* pairLogs(prior, pairs)
    yield* finite("prior", ofPrior)
    yield* finite("policy", yield* pairLogs(from, pairs))
    const batchAt = batches({ examples, members: 1, batch: size, random })
    const options = { divergence, beta, smoothing }
    const policy = yield* descending({
      ...parameters,
      ...context,
      from,
      step: (policy, step) =>
        Effect.gen(function* () {
          const rows = batch === "all" ? Int32Array.from({ length: examples }, (_, i) => i) : batchAt(step).rows
          const part = pickPairs(pairs, rows)
          const before = {
            winners: Float64Array.from(rows, (row) => ofPrior.winners[row]!),
            losers: Float64Array.from(rows, (row) => ofPrior.losers[row]!),
          }
          const now = yield* pairLogs(policy, part)
          const losses = pairLosses(options, now, before)
          return {
            gradient: yield* pairGradient(policy, part, losses),
            row: () => Effect.succeed(pairMetrics(options, losses, part.weights, now, before)),
          }
        }),
    })
    return { policy }
  },
})
