/** The preference loss over pairs of sequences, and what moves the policy. */
import {
  type FDivergence,
  linksAt,
  type PreferenceLoss,
  preferenceLosses,
  type PreferenceOptions,
} from "@relent/divergence"
import { concat, overTokens, type PairSamples, pick, type Policy, rowSums, type Samples } from "@relent/sequence"
import { score, tokenLogProbabilities } from "@relent/sequence/policies"
import { Effect } from "effect"

export interface Constraint extends PreferenceOptions {
  readonly divergence: FDivergence
}

/** `log pi` of whole sequences. */
export const logProbabilities = (policy: Policy, samples: Samples) =>
  Effect.map(tokenLogProbabilities(policy, samples), (logs) => rowSums(samples, logs))

/** `log pi` of winners and losers. */
export interface PairLogs {
  readonly winners: Float64Array
  readonly losers: Float64Array
}

/** Of all pairs, in one pass. */
export const pairLogs = (policy: Policy, { winners, losers }: PairSamples) =>
  Effect.map(logProbabilities(policy, concat(winners, losers)), (logs): PairLogs => {
    const n = winners.lengths.length
    return { winners: logs.subarray(0, n), losers: logs.subarray(n) }
  })

export const pickPairs = ({ winners, losers, weights }: PairSamples, rows: ArrayLike<number>): PairSamples => ({
  winners: pick(winners, rows),
  losers: pick(losers, rows),
  weights: Float64Array.from(rows, (row) => weights[row]!),
})

const less = (a: Float64Array, b: Float64Array) => a.map((x, i) => x - b[i]!)

/** Each pair's loss at `log pi - log pi0` of its two sequences. */
export const pairLosses = (
  { divergence, ...options }: Constraint,
  policy: PairLogs,
  prior: PairLogs,
): ReadonlyArray<PreferenceLoss> =>
  preferenceLosses(divergence, less(policy.winners, prior.winners), less(policy.losers, prior.losers), options)

/** The weighted mean of some numbers. */
export const weightedMean = (weights: Float64Array, values: (i: number) => number): number => {
  let [total, sum] = [0, 0]
  weights.forEach((w, i) => {
    total += w
    if (w > 0) sum += w * values(i)
  })
  return sum / total
}

/** The gradient of the weighted mean loss: `sum_i w_i (dL/dl_w grad log pi(y_w) + dL/dl_l grad log pi(y_l))`. */
export const pairGradient = (policy: Policy, pairs: PairSamples, losses: ReadonlyArray<PreferenceLoss>) => {
  const { winners, losers, weights } = pairs
  const total = weights.reduce((sum, w) => sum + w, 0)
  const both = concat(winners, losers)
  const slopes = Float64Array.of(
    ...losses.map(({ byWinner }, i) => (weights[i]! * byWinner) / total),
    ...losses.map(({ byLoser }, i) => (weights[i]! * byLoser) / total),
  )
  return score(policy, both, overTokens(both, slopes))
}

/** What is told of a batch. Rewards are implicit: `beta s(log pi - log pi0)`, s the link. */
export const pairMetrics = (
  { beta, divergence }: Constraint,
  losses: ReadonlyArray<PreferenceLoss>,
  weights: Float64Array,
  policy: PairLogs,
  prior: PairLogs,
) => {
  const ratios = [less(policy.winners, prior.winners), less(policy.losers, prior.losers)] as const
  const [chosen, rejected] = ratios.map((logT) => {
    const { values } = linksAt(divergence, logT)
    return weightedMean(weights, (i) => beta * values[i]!)
  }) as [number, number]
  return {
    loss: weightedMean(weights, (i) => losses[i]!.loss),
    accuracy: weightedMean(weights, (i) => (losses[i]!.margin > 0 ? 1 : losses[i]!.margin === 0 ? 0.5 : 0)),
    margin: weightedMean(weights, (i) => losses[i]!.margin),
    chosen_reward: chosen,
    rejected_reward: rejected,
    max_abs_l: ratios.flatMap((logT) => [...logT]).reduce((most, l) => Math.max(most, Math.abs(l)), 0),
    clamped: losses.reduce((sum, { clamped }) => sum + clamped, 0),
  }
}
