/** What a penalty for leaving the prior leads to, exactly. */
import { Column, TableSchema } from "@relent/arrow"
import { optimum } from "@relent/divergence"
import { Policy, Rewards, Tabular } from "@relent/sequence"
import { Stage } from "@relent/stage"
import { constraint } from "./f-dpo.ts"
import { distribution } from "./refuse.ts"
import { rewardsOf } from "./rewards.ts"

const Optima = TableSchema.make("rlhf/optima", 1, {
  context: Column.int32,
  /** The multiplier of the sum: `reward = beta f*'(policy / prior) + lambda`. */
  lambda: Column.float64,
  reward: Column.float64,
  /** `reward - beta D(prior || policy)`, its largest value. */
  objective: Column.float64,
  entropy: Column.float64,
})

/**
 * `argmax E_pi[r] - beta D(prior || pi)` a context, by bisection for the multiplier.
 *
 * @reference wang2024fdpo
 */
export const fOptimum = Stage.make("rlhf/f-optimum", {
  module: import.meta.url,
  title: "The best policy under a penalty in any divergence whose optimum has full support, exactly",
  parameters: constraint,
  inputs: { prior: Policy.only("tabular"), reward: Rewards },
  outputs: { policy: Policy.only("tabular"), optima: Optima },
  *run({ parameters: { divergence, beta }, inputs: { prior, reward } }) {
    const rewards = yield* rewardsOf(reward, prior, false)
    const { contexts, answers } = prior
    const logPrior = Tabular.logProbabilities(prior)
    const row = (values: Float64Array, c: number) => Tabular.row(values, answers, c)
    const found = yield* distribution(
      () => Array.from({ length: contexts }, (_, c) => optimum(divergence, row(logPrior, c), row(rewards, c), beta)),
      "give finite rewards, and a beta of their size",
    )
    const logits = new Float64Array(contexts * answers)
    found.forEach(({ logPolicy }, c) => logits.set(logPolicy, c * answers))
    const policy = Tabular.make(contexts, answers, logits)
    const [gain, entropy] = [Tabular.expect(policy, rewards), Tabular.entropy(policy)]
    const distance = Tabular.between(divergence, prior, policy)
    const optima = Optima.fromRows(
      found.map(({ lambda }, context) => ({
        context,
        lambda,
        reward: gain[context]!,
        objective: gain[context]! - beta * distance[context]!,
        entropy: entropy[context]!,
      })),
    )
    return { policy, optima }
  },
})
