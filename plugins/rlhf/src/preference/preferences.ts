/** Tables of preferences. */
import type { Table } from "@relent/arrow"
import type { Policy, Preferences } from "@relent/sequence"
import { StageError } from "@relent/stage"
import { Effect } from "effect"

const refuse = (message: string, hint: string) => Effect.fail(new StageError({ message, hint }))
const tolerance = 1e-9

/** `Pr(i beats j | c)` `[contexts, answers, answers]` of a tabular policy: complementary, and 1/2 on the diagonal. */
export const preferencesOf = Effect.fnUntraced(function* (table: Table<typeof Preferences.columns>, policy: Policy) {
  if (policy.kind !== "tabular")
    return yield* refuse(
      `a table of preferences is of answers, the policy is ${policy.kind}`,
      "give rewards for policies over sequences",
    )
  const { contexts, answers } = policy
  const { context: numbers, beats } = table.columns
  if (table.length !== contexts || beats.length !== contexts * answers ** 2)
    return yield* refuse(
      `the preferences have ${table.length} contexts and ${beats.length} numbers, wanted ${contexts} and ${contexts * answers ** 2}`,
      "give a row a context, answers by answers",
    )
  const out = new Float64Array(contexts * answers ** 2).fill(Number.NaN)
  for (const [row, context] of numbers.entries())
    if (context >= 0 && context < contexts)
      out.set(beats.subarray(row * answers ** 2, (row + 1) * answers ** 2), context * answers ** 2)
  for (let c = 0; c < contexts; c++)
    for (let i = 0; i < answers; i++)
      for (let j = 0; j < answers; j++) {
        const at = (a: number, b: number) => out[(c * answers + a) * answers + b]!
        const [p, q] = [at(i, j), at(j, i)]
        if (!(p >= 0 && p <= 1) || Math.abs(p + q - 1) > tolerance)
          return yield* refuse(
            `in context ${c} answer ${i} beats ${j} with ${p}, and ${j} beats ${i} with ${q}`,
            "the two are probabilities that sum to 1; an answer beats itself with 1/2",
          )
      }
  return out
})
