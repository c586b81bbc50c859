/** Sixty points in three classes, which can be told apart. */
import { Column, TableSchema } from "@relent/arrow"
import { source } from "@relent/random"

export const Points = TableSchema.make("test/points", 1, {
  id: Column.int32,
  x: Column.tensor("float32", ["features"]),
  label: Column.int32,
})
export const rows = 60
const noise = source({ seed: 2, stream: "data" })("x").normals(rows * 3)
export const label = Int32Array.from({ length: rows }, (_, i) => i % 3)
export const id = Int32Array.from({ length: rows }, (_, i) => 100 + i)
export const x = Float32Array.from(
  { length: rows * 3 },
  (_, i) => noise[i]! / 2 + (i % 3 === label[Math.floor(i / 3)] ? 2 : 0),
)
export const data = Points.make({ id, x, label })
