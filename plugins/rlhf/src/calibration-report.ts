/** Whether a policy's implicit reward is as sure as it is right. */
import { Column, TableSchema } from "@relent/arrow"
import { Divergence } from "@relent/divergence"
import { Count, orElse } from "@relent/named"
import { Pairs, pairsOf, Policy, Tabular, type TabularPolicy } from "@relent/sequence"
import { Port, Stage } from "@relent/stage"
import { constraint, finite } from "./f-dpo.ts"
import { mean } from "./mean.ts"
import { calibrationError } from "./preference/calibration.ts"
import { pairLogs, pairLosses, weightedMean } from "./preference/pair-loss.ts"
import { distribution, sameShape, sameSpace } from "./refuse.ts"

const Calibration = TableSchema.make("rlhf/calibration", 1, {
  pairs: Column.int32,
  /** Pairs whose preferred answer has the larger implicit reward; equal ones count half. */
  accuracy: Column.float64,
  loss: Column.float64,
  /** Of `sigmoid(beta (s_w - s_l))` against the labels, over bins of equal width. */
  ece: Column.float64,
  /** `E_c sum_y |pi(y | c) - truth(y | c)|`; null without a truth, like those below. */
  error: Column.nullable(Column.float64),
  priorError: Column.nullable(Column.float64),
  /** `|error - priorError|`, and `2 E TV(pi, prior)`, which it never exceeds. */
  change: Column.nullable(Column.float64),
  bound: Column.nullable(Column.float64),
  /** `change - bound`, never above 0. */
  excess: Column.nullable(Column.float64),
})

const ofTruth = (policy: TabularPolicy, prior: TabularPolicy, truth: TabularPolicy) => {
  const tv = (p: TabularPolicy, q: TabularPolicy) => mean(Tabular.between(Divergence.totalVariation, p, q))
  const [error, priorError] = [2 * tv(truth, policy), 2 * tv(truth, prior)]
  const [change, bound] = [Math.abs(error - priorError), 2 * tv(prior, policy)]
  return { error, priorError, change, bound, excess: change - bound }
}

/**
 * Accuracy, loss and calibration of the implicit reward on pairs that the policy hasn't learnt from; and, of tabular policies beside a
 * true one, how far the probabilities themselves are off.
 *
 * @reference wang2024fdpo
 */
export const calibrationReport = Stage.make("rlhf/calibration-report", {
  module: import.meta.url,
  title: "Accuracy and calibration of a policy's implicit reward on pairs",
  uses: ["backend"],
  parameters: { ...constraint, bins: orElse(Count, 10) },
  inputs: { policy: Policy, prior: Policy, pairs: Pairs, truth: Port.optional(Policy.only("tabular")) },
  outputs: { report: Calibration },
  *run({ parameters: { divergence, beta, bins }, inputs: { policy, prior, pairs: table, truth } }) {
    yield* sameSpace("policy", policy, "prior", prior)
    const pairs = yield* distribution(() => pairsOf(prior, table), "give pairs of the prior's sequences")
    const [now, before] = [yield* pairLogs(policy, pairs), yield* pairLogs(prior, pairs)]
    yield* finite("prior", before)
    yield* finite("policy", now)
    const losses = pairLosses({ divergence, beta }, now, before)
    const { weights } = pairs
    const exact = truth !== undefined && policy.kind === "tabular" && prior.kind === "tabular"
    if (truth !== undefined && policy.kind === "tabular") yield* sameShape("truth", truth, "policy", policy)
    const none = { error: null, priorError: null, change: null, bound: null, excess: null }
    const row = {
      pairs: losses.length,
      accuracy: weightedMean(weights, (i) => (losses[i]!.margin > 0 ? 1 : losses[i]!.margin === 0 ? 0.5 : 0)),
      loss: weightedMean(weights, (i) => losses[i]!.loss),
      ece: calibrationError(
        losses.map(({ margin }) => beta * margin),
        weights,
        bins,
      ),
      ...(exact ? ofTruth(policy, prior, truth) : none),
    }
    return { report: Calibration.fromRows([row]) }
  },
})
