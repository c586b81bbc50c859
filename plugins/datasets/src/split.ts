/** A table in two. */
import { columnsOf, type Table } from "@relent/arrow"
import { Share, suggest } from "@relent/named"
import { Port, Stage, StageError } from "@relent/stage"
import { Schema } from "effect"
import { pickRows } from "./rows.ts"

/**
 * Splits the rows at random: `share` of them (rounded) go to `first`. Both keep the order of the table. With `by` each
 * value of that column is split by itself, so that a rare class is in both parts.
 *
 * @reference none: data handling
 */
export const split = Stage.make("datasets/split", {
  module: import.meta.url,
  title: "Any table in two, at random",
  uses: ["random"],
  parameters: {
    share: Share.annotate({
      description: "of the rows, for the first part",
    }),
    by: Schema.optionalKey(
      Schema.String.annotate({ description: "a column, such as the label, split value by value" }),
    ),
  },
  inputs: { table: Port.any() },
  outputs: { first: Port.like("table"), rest: Port.like("table") },
  *run({ parameters: { share, by }, inputs, random }) {
    const table: Table<any> = inputs.table
    const columns = columnsOf(table.arrow)
    if (by !== undefined && (columns[by] === undefined || columns[by].shape !== undefined))
      return yield* new StageError({
        message: `there is no column '${by}' of single values`,
        hint: suggest(by, Object.keys(columns), "column"),
      })
    const order = random("order").permutation(table.length)
    const values: ArrayLike<unknown> | undefined = by === undefined ? undefined : table.columns[by]
    const parts: Array<readonly [ReadonlyArray<number>, ReadonlyArray<number>]> = []
    for (const [value, rows] of Map.groupBy(order, (row) => values?.[row])) {
      const count = Math.round(share * rows.length)
      if (count === 0 || count === rows.length)
        return yield* new StageError({
          message: `a share of ${share} of ${rows.length} rows${by === undefined ? "" : ` with '${by}' ${String(value)}`} leaves one part empty`,
          hint: "choose a share between the two",
        })
      parts.push([rows.slice(0, count), rows.slice(count)])
    }
    const part = (which: 0 | 1) => pickRows(table, Int32Array.from(parts.flatMap((both) => both[which])).toSorted())
    return { first: part(0), rest: part(1) }
  },
})
