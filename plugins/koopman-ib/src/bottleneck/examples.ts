/** Examples of a regression. */
import { columnsOf, type Table } from "@relent/arrow"
import { StageError } from "@relent/stage"
import { Effect } from "effect"
import type { regression } from "./tables.ts"

export interface Examples {
  readonly x: Float32Array
  readonly y: Float32Array
  readonly rows: number
  readonly features: number
  readonly targets: number
}

/** All of a table's examples, finite. */
export const examplesOf = (table: Table<typeof regression>): Effect.Effect<Examples, StageError> => {
  const { x, y } = table.columns
  if (table.length < 2)
    return Effect.fail(
      new StageError({ message: `there are ${table.length} examples, a Gram matrix needs two`, hint: "give rows" }),
    )
  const columns = columnsOf(table.arrow)
  const width = (name: "x" | "y") => columns[name]!.shape![0] as number
  for (const [name, values] of [
    ["x", x],
    ["y", y],
  ] as const) {
    const lost = values.findIndex((v) => !Number.isFinite(v))
    if (lost >= 0)
      return Effect.fail(
        new StageError({
          message: `row ${Math.floor(lost / width(name))} of '${name}' holds ${values[lost]}`,
          hint: "fill or drop such rows",
        }),
      )
  }
  return Effect.succeed({ x, y, rows: table.length, features: width("x"), targets: width("y") })
}

/** Mean and deviation of each column of rows. */
export const momentsOf = (
  values: Float32Array,
  width: number,
): ReadonlyArray<{ readonly mean: number; readonly deviation: number }> =>
  Array.from({ length: width }, (_, k) => {
    const column = Float64Array.from({ length: values.length / width }, (_, i) => values[i * width + k]!)
    const mean = column.reduce((a, b) => a + b, 0) / column.length
    return { mean, deviation: Math.sqrt(column.reduce((sum, v) => sum + (v - mean) ** 2, 0) / column.length) }
  })
