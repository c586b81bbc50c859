/** Rewards for the answers of a policy. */
import type { Table } from "@relent/arrow"
import { Rewards, type TabularPolicy, Tabular } from "@relent/sequence"
import { StageError } from "@relent/stage"
import { Effect } from "effect"
import { sameShape } from "./refuse.ts"

const refuse = (message: string, hint: string) => Effect.fail(new StageError({ message, hint }))

/** `r(c, a)` `[contexts, answers]`, joined to the policy by context: finite, or -infinity where that was declared. */
export const rewardsOf = Effect.fnUntraced(function* (
  table: Table<typeof Rewards.columns>,
  policy: TabularPolicy,
  hardConstraint: boolean,
) {
  const { contexts, answers } = policy
  const { context: numbers, reward } = table.columns
  yield* sameShape("reward", { contexts: table.length, answers: reward.length / table.length || 0 }, "policy", policy)
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
