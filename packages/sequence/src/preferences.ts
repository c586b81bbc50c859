/** Preferences between two answers to one prompt, as pairs and as a table. */
import { Column, type Table, TableSchema } from "@relent/arrow"
import { NotADistribution } from "@relent/divergence"
import { checkSamples } from "./exact.ts"
import { type Policy, startOf } from "./policy.ts"
import { padded, type Samples } from "./samples.ts"

/** Of two completions of a prompt, one was preferred. The prompt of a tabular policy is its context, else the token before the first. */
export const Pairs = TableSchema.make("sequence/pairs", 1, {
  id: Column.int32,
  prompt: Column.list("int32"),
  /** Tokens, with the end token where there is one. */
  chosen: Column.list("int32"),
  rejected: Column.list("int32"),
  /** What the pair counts in a mean: 1 for pairs that were drawn. */
  weight: Column.float64,
})

/** `Pr(i beats j)` for the answers of every context, which are numbered from 0. */
export const Preferences = TableSchema.make("sequence/preferences", 1, {
  context: Column.int32,
  beats: Column.tensor("float64", ["answers", "answers"]),
})

/** Winners and losers row by row, with weights. */
export interface PairSamples {
  readonly winners: Samples
  readonly losers: Samples
  readonly weights: Float64Array
}

const refuse = (id: number, reason: string): never => {
  throw new NotADistribution({ argument: `pair ${id}`, reason })
}

/** The pairs of a table, for this policy. Throws `NotADistribution` for a prompt, token or length that it doesn't know. */
export const pairsOf = (policy: Policy, table: Table<typeof Pairs.columns>): PairSamples => {
  const rows = [...table.rows]
  if (rows.length === 0) throw new NotADistribution({ argument: "the pairs", reason: "there are none" })
  const contexts = rows.map(({ id, prompt }) => {
    const [first, ...more] = prompt
    if (first === undefined || more.length > 0) return refuse(id, `its prompt has ${prompt.length} tokens, wanted 1`)
    if (policy.kind === "tabular") return first
    return first === startOf(policy)
      ? 0
      : refuse(id, `its prompt is token ${first}, the policy begins after ${startOf(policy)}`)
  })
  for (const { id, chosen, rejected, weight } of rows) {
    if (chosen.length === 0 || rejected.length === 0) refuse(id, "a completion is empty")
    if (!(weight >= 0 && weight < Infinity)) refuse(id, `its weight is ${weight}`)
  }
  const winners = padded(
    contexts,
    rows.map(({ chosen }) => [...chosen]),
  )
  const losers = padded(
    contexts,
    rows.map(({ rejected }) => [...rejected]),
  )
  checkSamples(policy, winners)
  checkSamples(policy, losers)
  const weights = Float64Array.from(rows, ({ weight }) => weight)
  if (!weights.some((w) => w > 0)) throw new NotADistribution({ argument: "the pairs", reason: "every weight is 0" })
  return { winners, losers, weights }
}
