/** Samples of a proposal, and what they are paid. */
import type { FDivergence } from "@relent/divergence"
import type { Source } from "@relent/random"
import type { Policy, Samples, Target } from "@relent/sequence"
import { sample } from "@relent/sequence/policies"
import { StageError } from "@relent/stage"
import { Effect } from "effect"
import { mean } from "../mean.ts"
import { logProbabilities } from "../preference/pair-loss.ts"
import { logZEstimate, type Partition } from "./partition.ts"
import { pseudoRewards } from "./pseudo-reward.ts"
import { logScores } from "./score.ts"
import { lastOf } from "./state.ts"

/** Samples of a context, with logarithms under proposal, policy and target. */
export interface Rollout {
  readonly context: number
  readonly drawn: Samples
  readonly logQ: Float64Array
  readonly logPi: Float64Array
  /** `log P`, -infinity where the target forbids. */
  readonly logW: Float64Array
}

/** The samples of a step; refuses a target that is NaN or infinite. */
export const rollout = (
  { policy, proposal, target }: { readonly policy: Policy; readonly proposal: Policy; readonly target: Target },
  count: number,
  step: number,
  context: number,
  random: Source,
) =>
  Effect.gen(function* () {
    const drawn = yield* sample(proposal, context, count, (i) => random("rollout", step, context, i))
    const logQ = yield* logProbabilities(proposal, drawn)
    const logPi = proposal === policy ? logQ : yield* logProbabilities(policy, drawn)
    const logW = yield* logScores(target, drawn)
    const wrong = logW.findIndex((w) => !(w < Infinity))
    if (wrong >= 0)
      return yield* new StageError({
        message: `the target's logarithm is ${logW[wrong]} for sample ${wrong} of step ${step}`,
        hint: "a target is finite, or -infinity where it forbids",
      })
    return { context, drawn, logQ, logPi, logW } satisfies Rollout
  })

export interface Payment {
  readonly divergence: FDivergence
  readonly constant: number
  readonly useBaseline: boolean
  /** Pseudo-rewards in the baseline. */
  readonly window: number
  /** Samples that share a baseline. */
  readonly scoringSize: number
}

/** What a step's samples weigh in its gradient, and what is told of it. */
export interface Paid {
  /** `w A / n` of each sample, w the importance ratio, a mean over contexts. */
  readonly weights: ReadonlyArray<Float64Array>
  readonly loss: number
  readonly pseudoReward: number
  /** Of the last samples; null where there was none. */
  readonly baseline: number | null
  readonly window: Float64Array
}

/**
 * `R = -f'(pi / p)`, `A = R - B`, B the mean of the last pseudo-rewards before these; `w = pi / q`. The loss is `mean(-w A log pi)`.
 *
 * @reference go2023fdpg
 */
export const pay = (
  rollouts: ReadonlyArray<Rollout>,
  partition: Partition,
  before: Float64Array,
  { divergence, constant, useBaseline, window: size, scoringSize }: Payment,
): Paid => {
  let [loss, pseudoReward, baseline, window] = [0, 0, null as number | null, before]
  const weights = rollouts.map(({ context, logQ, logPi, logW }) => {
    const n = logPi.length
    const logZ = logZEstimate(partition, context)
    const R = pseudoRewards(
      divergence,
      logPi.map((l, i) => l - (logW[i]! - logZ)),
      constant,
    )
    const own = new Float64Array(n)
    for (let at = 0; at < n; at += scoringSize) {
      const part = R.subarray(at, at + scoringSize)
      baseline = useBaseline && window.length > 0 ? mean(window) : null
      part.forEach((r, i) => {
        const ratio = Math.exp(logPi[at + i]! - logQ[at + i]!)
        own[at + i] = (ratio * (r - (baseline ?? 0))) / (n * rollouts.length)
        loss -= own[at + i]! * logPi[at + i]!
      })
      window = lastOf(size, window, part)
    }
    pseudoReward += mean(R) / rollouts.length
    return own
  })
  return { weights, loss, pseudoReward, baseline, window }
}
