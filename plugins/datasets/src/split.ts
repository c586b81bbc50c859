/** A table in two. */
import { Port, Stage, StageError } from "@relent/stage"
import { Schema } from "effect"
import { pickRows } from "./rows.ts"

/**
 * Splits the rows at random: `share` of them (rounded) go to `first`. Both keep the order of the table.
 *
 * @reference none: data handling
 */
export const split = Stage.make("datasets/split", {
  module: import.meta.url,
  title: "Any table in two, at random",
  uses: ["random"],
  parameters: {
    share: Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 })).annotate({
      description: "of the rows, for the first part",
    }),
  },
  inputs: { table: Port.any() },
  outputs: { first: Port.like("table"), rest: Port.like("table") },
  *run({ parameters: { share }, inputs: { table }, random }) {
    const count = Math.round(share * table.length)
    if (count === 0 || count === table.length)
      return yield* new StageError({
        message: `a share of ${share} of ${table.length} rows leaves one part empty`,
        hint: "choose a share between the two",
      })
    const order = random("order").permutation(table.length)
    return {
      first: pickRows(table, order.slice(0, count).toSorted()),
      rest: pickRows(table, order.slice(count).toSorted()),
    }
  },
})
