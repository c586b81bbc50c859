/** Rewards for the answers of a policy, or for the steps of its sequences. */
import type { Table } from "@relent/arrow"
import { type Policy, Rewards, rowSums, type Samples, startOf, Tabular, vocabularyOf } from "@relent/sequence"
import { StageError } from "@relent/stage"
import { Effect } from "effect"

const refuse = (message: string, hint: string) => Effect.fail(new StageError({ message, hint }))

/** Rows and columns of a policy's rewards: contexts by answers, or the token before by the token. */
const wanted = (policy: Policy) =>
  policy.kind === "tabular"
    ? { contexts: policy.contexts, answers: policy.answers }
    : { contexts: vocabularyOf(policy), answers: vocabularyOf(policy) }

/** `r(c, a)` `[contexts, answers]`, joined to the policy by context: finite, or -infinity where that was declared. */
export const rewardsOf = Effect.fnUntraced(function* (
  table: Table<typeof Rewards.columns>,
  policy: Policy,
  hardConstraint: boolean,
) {
  const { contexts, answers } = wanted(policy)
  const { context: numbers, reward } = table.columns
  const found = reward.length / table.length || 0
  if (table.length !== contexts || found !== answers)
    return yield* refuse(
      `the reward has ${table.length} contexts by ${found} answers, the policy ${contexts} by ${answers}`,
      policy.kind === "tabular"
        ? "both are over the same contexts and answers"
        : "of sequences the rewards are of steps: a row for each token before, a column for each token",
    )
  const out = new Float64Array(contexts * answers)
  const seen = new Set<number>()
  for (const [row, context] of numbers.entries()) {
    if (context < 0 || context >= contexts || seen.has(context))
      return yield* refuse(
        `row ${row} of the rewards is of context ${context}${seen.has(context) ? ", as is another" : ""}`,
        `give one row a context, 0 to ${contexts - 1}`,
      )
    seen.add(context)
    out.set(Tabular.row(reward, answers, row), context * answers)
  }
  const wrong = out.findIndex((r) => !Number.isFinite(r) && !(hardConstraint && r === -Infinity))
  if (wrong < 0) return out
  const where = `the reward of answer ${wrong % answers} in context ${Math.floor(wrong / answers)} is ${out[wrong]}`
  return yield* refuse(
    where,
    out[wrong] === -Infinity ? "if that answer must never be given, say hardConstraint: true" : "rewards are finite",
  )
})

/** The reward of each token, `[rows, length]`; 0 for tokens that don't count. */
export const tokenRewards = (policy: Policy, reward: Float64Array, samples: Samples): Float64Array => {
  const { contexts, length, tokens, lengths } = samples
  const width = vocabularyOf(policy)
  const out = new Float64Array(tokens.length)
  lengths.forEach((n, row) => {
    let before = policy.kind === "tabular" ? contexts[row]! : startOf(policy)
    for (let t = 0; t < n; t++) {
      const token = tokens[row * length + t]!
      out[row * length + t] = reward[before * width + token]!
      before = token
    }
  })
  return out
}

/** The reward of each sequence, the sum of its tokens' rewards. */
export const sampleRewards = (policy: Policy, reward: Float64Array, samples: Samples): Float64Array =>
  rowSums(samples, tokenRewards(policy, reward, samples))
