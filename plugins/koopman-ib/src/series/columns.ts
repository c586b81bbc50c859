/** Columns of a table whose rows follow each other in time. */
import { type Column, heldColumns, show, type Table } from "@relent/arrow"
import { suggest } from "@relent/named"
import { StageError } from "@relent/stage"
import { Effect } from "effect"

const numeric = ["int32", "int64", "float32", "float64"]

/** The numbers of a column, or what is wrong with it. */
const numbersOf = (table: Table<any>, name: string, column: Column | undefined, names: ReadonlyArray<string>) => {
  if (column === undefined) return `column '${name}' is missing: ${suggest(name, names, "column")}`
  if (!numeric.includes(column.kind)) return `column '${name}' is ${show(column)}, wanted numbers`
  const held = table.columns[name] as ArrayLike<number | bigint | null>
  const numbers = Float64Array.from(held, (v) => (v === null ? Number.NaN : Number(v)))
  const lost = numbers.findIndex((v) => !Number.isFinite(v))
  return lost < 0 ? numbers : `column '${name}', row ${lost}: wanted a number, found ${held[lost] ?? "nothing"}`
}

/**
 * The numbers of these columns, `[times, columns]`, row-major. Ids count the times: rows that were left out, or stand in another order,
 * are an error, since two neighbours would no longer be a step apart.
 */
export const seriesOf = (
  table: Table<{ readonly id: typeof Column.int32 }>,
  names: ReadonlyArray<string>,
): Effect.Effect<Float64Array, StageError> => {
  const { id } = table.columns
  const gap = id.findIndex((v, row) => row > 0 && v !== id[row - 1]! + 1)
  if (gap >= 0)
    return Effect.fail(
      new StageError({
        message: `row ${gap} has the id ${id[gap]}, after ${id[gap - 1]}: a series has a row for every time, in order`,
        hint: "give the whole series; it is split in time here",
      }),
    )
  const held = heldColumns(table.arrow)
  const found = names.map((name) => numbersOf(table, name, held[name], Object.keys(held)))
  const problems = found.filter((each) => typeof each === "string")
  if (problems.length > 0)
    return Effect.fail(
      new StageError({ message: problems.join("; "), hint: "fill what is missing, or name other columns" }),
    )
  const columns = found as ReadonlyArray<Float64Array>
  return Effect.succeed(
    Float64Array.from(
      { length: table.length * names.length },
      (_, i) => columns[i % names.length]![Math.floor(i / names.length)]!,
    ),
  )
}
