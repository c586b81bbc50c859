import { describe, expect, it } from "vitest"
import { Column, type Difference, firstDifference, TableSchema, tensorTable, tensorValue } from "../src/index.ts"

const Rows = TableSchema.make("test/rows", 1, {
  name: Column.utf8,
  x: Column.float64,
  maybe: Column.nullable(Column.int32),
  t: Column.tensor("float32", [2]),
  words: Column.list("utf8"),
})
const row = { name: "a", x: 0, maybe: null, t: [1, 2], words: ["p", "q"] }
type Rows = ReadonlyArray<Partial<Record<keyof typeof row, unknown>>>
const table = (...rows: Rows) => Rows.fromRows(rows.map((some) => ({ ...row, ...some })) as never).arrow

const cases: ReadonlyArray<readonly [what: string, Rows, Rows, Difference | undefined]> = [
  ["nothing", [{}, {}], [{}, {}], undefined],
  ["a text", [{}, {}], [{}, { name: "b" }], { row: 1, column: "name", before: "a", after: "b" }],
  ["the earlier column", [{}], [{ x: 1, name: "b" }], { row: 0, column: "name", before: "a", after: "b" }],
  ["the sign of zero", [{}], [{ x: -0 }], { row: 0, column: "x", before: 0, after: -0 }],
  ["the last bit", [{ x: 1 }], [{ x: 1 + 2 ** -52 }], { row: 0, column: "x", before: 1, after: 1 + 2 ** -52 }],
  ["a missing value", [{}], [{ maybe: 3 }], { row: 0, column: "maybe", before: null, after: 3 }],
  ["an element", [{}], [{ t: [1, 3] }], { row: 0, column: "t", element: 1, before: 2, after: 3 }],
  ["a longer list", [{}], [{ words: ["p"] }], { row: 0, column: "words", element: 1, before: "q", after: undefined }],
  ["a row more", [{}], [{}, {}], { row: 1, column: "name", before: undefined, after: "a" }],
  ["no number: it equals itself", [{ x: NaN }], [{ x: NaN }], undefined],
]

describe("the first difference of two tables", () => {
  it.each(cases)("%s", (_, before, after, expected) => {
    expect(firstDifference(table(...before), table(...after))).toEqual(expected)
  })
  it("in a column that one doesn't have", () => {
    const less = TableSchema.make("test/less", 1, { name: Column.utf8 }).make({ name: ["a"] }).arrow
    expect(firstDifference(less, table({}))).toEqual({ row: 0, column: "x", before: undefined, after: 0 })
  })
  it("in a domain object names the tensor", () => {
    const model = (weight: number) =>
      tensorTable(
        "test/model",
        {
          "0/bias": tensorValue("float32", new Float32Array(2)),
          "0/weight": tensorValue("float32", Float32Array.of(1, 2, weight, 4), [2, 2]),
        },
        { "relent:kind": "mlp" },
      )
    expect(firstDifference(model(3), model(5))).toEqual({ row: 1, column: "0/weight", element: 2, before: 3, after: 5 })
  })
})
