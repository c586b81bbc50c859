/** A table with a column of every kind, with the values that get lost most easily. */
import { Column, TableSchema } from "@relent/arrow"

export const Everything = TableSchema.make("interop/everything", 1, {
  id: Column.int32,
  flag: Column.bool,
  long: Column.int64,
  single: Column.float32,
  double: Column.float64,
  text: Column.utf8,
  bytes: Column.binary,
  image: Column.tensor("uint8", [2, 3]),
  counts: Column.tensor("int32", [2]),
  point: Column.tensor("float32", [3]),
  matrix: Column.tensor("float64", [2, 2]),
  scalar: Column.tensor("float32", []),
  ids: Column.list("int32"),
  weights: Column.list("float32"),
  words: Column.list("utf8"),
  maybeFlag: Column.nullable(Column.bool),
  maybeInt: Column.nullable(Column.int32),
  maybeLong: Column.nullable(Column.int64),
  maybeSingle: Column.nullable(Column.float32),
  maybeDouble: Column.nullable(Column.float64),
  maybeText: Column.nullable(Column.utf8),
  maybeBytes: Column.nullable(Column.binary),
  maybePoint: Column.nullable(Column.tensor("float32", [2])),
  maybeIds: Column.nullable(Column.list("int32")),
  maybeWords: Column.nullable(Column.list("utf8")),
})

const pick = <T>(from: ReadonlyArray<T>, i: number): T => from[i % from.length]!
const doubles = [0, -0, 0.1, Number.NaN, Infinity, -Infinity, 5e-324, Number.MAX_VALUE, 1]
const singles = doubles.map((value) =>
  Math.abs(value) > 3e38 && Number.isFinite(value) ? 3.4028234663852886e38 : Math.fround(value),
)
const texts = ["", "a", "ä☃𝄞", 'quo"te,\n', "x".repeat(70)]
const longs = [0n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n]
/** Null in every third row, at other places in each column. */
const or = <T>(value: T, i: number, shift: number): T | null => ((i + shift) % 3 === 0 ? null : value)

export const row = (i: number) => ({
  id: i,
  flag: i % 3 === 1,
  long: pick(longs, i),
  single: pick(singles, i),
  double: pick(doubles, i),
  text: pick(texts, i),
  bytes: Uint8Array.from({ length: i % 4 }, (_, k) => 255 - k),
  image: Uint8Array.from({ length: 6 }, (_, k) => (i + k) % 256),
  counts: Int32Array.of(-(2 ** 31) + i, 2 ** 31 - 1 - i),
  point: Float32Array.from({ length: 3 }, (_, k) => pick(singles, i + k)),
  matrix: Float64Array.from({ length: 4 }, (_, k) => pick(doubles, i + k)),
  scalar: Float32Array.of(pick(singles, i)),
  ids: Int32Array.from({ length: i % 3 }, (_, k) => k - 1),
  weights: Float32Array.from({ length: (i + 1) % 3 }, (_, k) => pick(singles, i + k)),
  words: Array.from({ length: (i + 2) % 3 }, (_, k) => pick(texts, i + k)),
  maybeFlag: or(i % 2 === 0, i, 0),
  maybeInt: or(i, i, 1),
  maybeLong: or(pick(longs, i), i, 2),
  maybeSingle: or(pick(singles, i), i, 0),
  maybeDouble: or(pick(doubles, i), i, 1),
  maybeText: or(pick(texts, i), i, 2),
  maybeBytes: or(Uint8Array.of(i % 256), i, 0),
  maybePoint: or(Float32Array.of(i, pick(singles, i)), i, 1),
  maybeIds: or(Int32Array.of(i), i, 2),
  maybeWords: or([pick(texts, i)], i, 0),
})
export type Row = ReturnType<typeof row>

export const rowsOf = (count: number): ReadonlyArray<Row> => Array.from({ length: count }, (_, i) => row(i))
