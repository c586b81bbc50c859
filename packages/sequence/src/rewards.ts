/** Rewards of the answers of every context, where both can be listed. */
import { Column, TableSchema } from "@relent/arrow"

/**
 * `r(c, a)`: a row a context, which are numbered from 0. -infinity is an answer that must not be given. For policies over sequences the
 * context is the token before, the answer the token: a sequence is paid the sum of its steps.
 */
export const Rewards = TableSchema.make("sequence/rewards", 1, {
  context: Column.int32,
  reward: Column.tensor("float64", ["answers"]),
})
