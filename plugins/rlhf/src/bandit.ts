/** A problem small enough to list: a prior and rewards, written as numbers. */
import { Policy, Rewards, Tabular } from "@relent/sequence"
import { Stage, StageError } from "@relent/stage"
import { Schema } from "effect"
import { distribution } from "./refuse.ts"

const Rows = <A>(entry: Schema.Codec<A>) => Schema.NonEmptyArray(Schema.NonEmptyArray(entry))

/**
 * A tabular prior and a table of rewards. A reward of -infinity is written `-inf`, since JSON has no other word for it.
 *
 * @reference none: numbers of the user's
 */
export const bandit = Stage.make("rlhf/bandit", {
  module: import.meta.url,
  title: "A prior and rewards, written as numbers",
  parameters: {
    prior: Rows(Schema.Finite).annotate({ description: "probabilities, a row a context: [[0.4, 0.6]]" }),
    reward: Rows(Schema.Union([Schema.Finite, Schema.Literal("-inf")])).annotate({
      description: "rewards of the same answers; -inf must not be given",
    }),
  },
  outputs: { prior: Policy.only("tabular"), reward: Rewards },
  sizes: ({ prior }) => ({ answers: prior[0].length }),
  *run({ parameters: { prior, reward } }) {
    const policy = yield* distribution(() => Tabular.fromProbabilities(prior), "give probabilities that sum to 1")
    const isFitting = reward.length === policy.contexts && reward.every((row) => row.length === policy.answers)
    if (!isFitting)
      return yield* new StageError({
        message: `the rewards don't have the prior's ${policy.contexts} contexts by ${policy.answers} answers`,
        hint: "give a reward for each probability",
      })
    const rewards = Rewards.make(
      {
        context: Int32Array.from(reward.keys()),
        reward: Float64Array.from(reward.flat(), (r) => (r === "-inf" ? -Infinity : r)),
      },
      { sizes: { answers: policy.answers } },
    )
    return { prior: policy, reward: rewards }
  },
})
