/** Features shifted and scaled: measured on one table, used on others. */
import { Column, TableSchema, type Table } from "@relent/arrow"
import type { Feature } from "./features.ts"

/** `(value - mean) / deviation` of each feature, in the order of `x`; a deviation of 0 counts as 1. */
export const Standardisation = TableSchema.make("datasets/standardisation", 1, {
  feature: Column.utf8,
  mean: Column.float64,
  deviation: Column.float64,
})
type Shifts = Table<typeof Standardisation.columns>

/** Leaves features as they are. */
export const unchanged = (features: ReadonlyArray<Feature>): Shifts =>
  Standardisation.fromRows(features.map(({ name }) => ({ feature: name, mean: 0, deviation: 1 })))

/** Mean and deviation (divided by the number of rows) of each feature, in float64 by two passes. */
export const measure = (features: ReadonlyArray<Feature>, rows: number): Shifts =>
  Standardisation.fromRows(
    features.map(({ name, at }) => {
      let [sum, squares] = [0, 0]
      for (let row = 0; row < rows; row++) sum += at(row)
      const mean = sum / rows
      for (let row = 0; row < rows; row++) squares += (at(row) - mean) ** 2
      return { feature: name, mean, deviation: Math.sqrt(squares / rows) }
    }),
  )

/** Why a standardisation doesn't fit these features. */
export const misfit = ({ columns }: Shifts, features: ReadonlyArray<Feature>): string | undefined => {
  const names = features.map(({ name }) => name)
  const same = names.length === columns.feature.length && names.every((name, i) => name === columns.feature[i])
  return same
    ? undefined
    : `the standardisation is of ${columns.feature.join(", ")}; the features are ${names.join(", ")}`
}

/** The feature tensor, row by row; or the values that aren't finite numbers of float32. */
export const apply = (
  { columns: { mean, deviation } }: Shifts,
  features: ReadonlyArray<Feature>,
  rows: number,
): { readonly x: Float32Array; readonly problems: ReadonlyArray<string> } => {
  const x = new Float32Array(rows * features.length)
  const problems: Array<string> = []
  features.forEach(({ name, at }, k) => {
    const scale = deviation[k] || 1
    for (let row = 0; row < rows; row++) {
      const value = at(row)
      const place = row * features.length + k
      x[place] = (value - mean[k]!) / scale
      if (!Number.isFinite(x[place]))
        problems.push(`column '${name}', row ${row}: wanted a finite number, found ${value}`)
    }
  })
  return { x, problems }
}
