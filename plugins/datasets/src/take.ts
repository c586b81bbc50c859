/** Some rows of any table. */
import { Count, orElse } from "@relent/named"
import { Port, Stage, StageError } from "@relent/stage"
import { Schema } from "effect"
import { pickRows } from "./rows.ts"

/**
 * Takes `rows` rows: the first, or a random sample without replacement; `balanced` takes equally many of each label.
 *
 * @reference none: data handling
 */
export const take = Stage.make("datasets/take", {
  module: import.meta.url,
  title: "Some rows of any table: the first, at random, or balanced over labels",
  uses: ["random"],
  parameters: {
    rows: Count,
    how: orElse(Schema.Literals(["first", "random", "balanced"]), "first"),
  },
  inputs: { table: Port.any() },
  outputs: { table: Port.like("table") },
  *run({ parameters: { rows, how }, inputs: { table }, random }) {
    if (rows > table.length)
      return yield* new StageError({
        message: `the table has ${table.length} rows, ${rows} are wanted`,
        hint: "take fewer",
      })
    if (how === "first")
      return {
        table: pickRows(
          table,
          Int32Array.from({ length: rows }, (_, i) => i),
        ),
      }
    const order = random("order").permutation(table.length)
    if (how === "random") return { table: pickRows(table, order.slice(0, rows)) }
    const labels = (table.columns as { readonly label?: Int32Array }).label
    if (!(labels instanceof Int32Array))
      return yield* new StageError({
        message: "the table has no column 'label' of int32",
        hint: "take at random instead",
      })
    const byLabel = Map.groupBy(order, (row) => labels[row]!)
    const each = rows / byLabel.size
    const short = [...byLabel].find(([, all]) => all.length < each)
    if (!Number.isInteger(each) || short !== undefined)
      return yield* new StageError({
        message: `${rows} rows can't be spread evenly over ${byLabel.size} labels${short ? `: label ${short[0]} has ${short[1].length}` : ""}`,
        hint: `take a multiple of ${byLabel.size}`,
      })
    const picked = [...byLabel.values()].flatMap((all) => all.slice(0, each))
    return { table: pickRows(table, Int32Array.from(picked).toSorted()) }
  },
})
