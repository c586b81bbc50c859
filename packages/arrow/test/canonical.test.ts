/** One digest for one content, however its rows are cut, coded, masked and padded. */
import * as A from "apache-arrow"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { batchOf, Column, columnsOf, digestOf, encodeTable, TableMismatch, TableSchema, view } from "../src/index.ts"
import { All, all, row } from "./tables.ts"

const tables = fc
  .array(
    fc.record({
      i: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
      flag: fc.boolean(),
      text: fc.string({ unit: "grapheme" }),
      words: fc.array(fc.string(), { maxLength: 3 }),
      ids: fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 4 }),
      bytes: fc.uint8Array({ maxLength: 5 }),
      maybe: fc.option(fc.integer({ min: 0, max: 99 })),
      note: fc.option(fc.string()),
      perhaps: fc.option(fc.boolean()),
    }),
    { maxLength: 20 },
  )
  .map(
    (some) =>
      All.fromRows(
        some.map((given, i) => ({ ...row(i), ...given })),
        { sizes: { n: 3 } },
      ).arrow,
  )

/** The rows in pieces, each sliced out of the whole. */
const cut = (table: A.Table, cuts: ReadonlyArray<number>): A.Table => {
  const at = [0, ...cuts.map((c) => Math.round(c * table.numRows)).toSorted((a, b) => a - b), table.numRows]
  const [first, ...rest] = at.slice(1).map((end, i) => table.slice(at[i], end))
  return first!.concat(...rest)
}

/** Each text column as a dictionary with values that nobody uses. */
const coded = (table: A.Table): A.Table => {
  const schema = new A.Schema(
    table.schema.fields.map((field, id) =>
      A.DataType.isUtf8(field.type)
        ? new A.Field(field.name, new A.Dictionary(field.type, new A.Int32(), id), field.nullable)
        : field,
    ),
    table.schema.metadata,
  )
  const batches = table.batches.map((batch) => {
    const children = batch.data.children.map((data, i) => {
      const { type } = schema.fields[i]!
      if (!A.DataType.isDictionary(type)) return data
      const values = [...new A.Vector([data])] as ReadonlyArray<string | null>
      const words = ["nobody", ...new Set(values.filter((v) => v !== null)), "nothing"]
      const builder = A.vectorFromArray(
        values.map((v) => (v === null ? null : words.indexOf(v))),
        new A.Int32(),
      )
      const { length, nullCount, nullBitmap, values: codes } = builder.data[0]!
      const dictionary = A.vectorFromArray(words, new A.Utf8())
      return A.makeData({ type, length, nullCount, nullBitmap, data: codes, dictionary } as never) as A.Data
    })
    return batchOf(schema, children, batch.numRows)
  })
  return new A.Table(schema, batches)
}

const sumOf = (bits: Uint8Array, length: number) =>
  Array.from({ length }, (_, i) => (bits[i >> 3]! >> (i & 7)) & 1).reduce((a, b) => a + b, 0)

/** The same rows with other bytes under the nulls, past the end, and bitmaps that say what nobody needs to hear. */
const littered = (table: A.Table): A.Table => {
  const litter = (data: A.Data): A.Data => {
    const { type, length } = data
    const bits = new Uint8Array(Math.ceil(length / 8) + 9).fill(255)
    for (let i = 0; i < length; i++) if (!data.getValid(i)) bits[i >> 3]! &= ~(1 << (i & 7))
    const nulls = { type, length, nullCount: length - sumOf(bits, length), nullBitmap: bits }
    const padded = (source: Float32Array, unit: number, visible: (row: number) => boolean) => {
      const copy = new (source.constructor as typeof Float32Array)(length * unit + 5).fill(3)
      for (let i = 0; i < length * unit; i++) if (visible(Math.floor(i / unit))) copy[i] = source[i]!
      return copy
    }
    if (A.DataType.isInt(type) && type.bitWidth === 32)
      return A.makeData({ ...nulls, data: padded(data.values, 1, (i) => data.getValid(i)) } as never)
    if (A.DataType.isFixedSizeList(type) && A.DataType.isFloat(type.children[0]!.type)) {
      const all = padded(data.children[0]!.values, type.listSize, (i) => data.getValid(i))
      const child = A.makeData({ type: type.children[0]!.type, length: all.length, nullCount: 0, data: all } as never)
      return A.makeData({ ...nulls, child } as never)
    }
    return data
  }
  return new A.Table(
    table.schema,
    table.batches.map((batch) => batchOf(table.schema, batch.data.children.map(litter), batch.numRows)),
  )
}

describe("the digest", () => {
  it("doesn't see batches, slices, dictionaries, files, nor what lies where no value is", () => {
    fc.assert(
      fc.property(tables, fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 4 }), (table, cuts) => {
        const digest = digestOf(table)
        const variants = [
          cut(table, cuts),
          coded(cut(table, cuts)),
          littered(cut(table, [])),
          littered(table),
          cut(littered(table), cuts),
          A.tableFromIPC(A.tableToIPC(cut(coded(table), cuts), "stream")),
        ]
        expect(variants.map(digestOf)).toEqual(variants.map(() => digest))
      }),
      { numRuns: 60 },
    )
  })

  it("sees each value, the kind of zero, and the schema", () => {
    const One = TableSchema.make("test/one", 1, { d: Column.float64 })
    const digest = (values: ReadonlyArray<number>, metadata = {}) =>
      digestOf(One.make({ d: values }, { metadata }).arrow)
    const digests = [
      digest([0]),
      digest([-0]),
      digest([0, 0]),
      digest([]),
      digest([0], { a: "b" }),
      digestOf(TableSchema.make("test/one", 2, { d: Column.float64 }).make({ d: [0] }).arrow),
      digestOf(TableSchema.make("test/one", 1, { e: Column.float64 }).make({ e: [0] }).arrow),
      digestOf(TableSchema.make("test/one", 1, { d: Column.nullable(Column.float64) }).make({ d: [0] }).arrow),
      digestOf(TableSchema.make("test/one", 1, { d: Column.tensor("float64", []) }).make({ d: [0] }).arrow),
    ]
    expect(new Set(digests).size).toBe(digests.length)
  })

  // Every stored result is found by it: if this value changes, say so in the change log.
  it("is the same on every machine and with every version of a dependency", () => {
    expect(digestOf(all.arrow)).toBe("5084e910f7573bacd74bde97ee8f660c086e7ca24f89ed5a28e0b85adaa9ca7a")
  })
})

describe("canonical batches", () => {
  const rowsOf = (table: A.Table) => {
    const pieces = encodeTable(table)
    for (;;) {
      const { done, value } = pieces.next()
      if (done === true) return value.batches.map((batch) => batch.rows)
    }
  }
  it("hold at most 16 MiB of what varies in length, at least one row", () => {
    const Text = TableSchema.make("test/text", 1, { text: Column.utf8 })
    const half = "x".repeat(8 * 2 ** 20 - 4)
    const over = "x".repeat(17 * 2 ** 20)
    expect(rowsOf(Text.make({ text: [half, half, half, over, "", half] }).arrow)).toEqual([2, 1, 1, 2])
    expect(rowsOf(Text.make({ text: Array.from({ length: 70_000 }, () => "") }).arrow)).toEqual([65_536, 4464])
  })
  it("are one, empty, where there is no row, and without columns", () => {
    expect(rowsOf(all.arrow.slice(0, 0))).toEqual([0])
    expect(rowsOf(new A.Table(new A.Schema([])))).toEqual([0])
  })
  it("keep tensors as they lie where there is one piece", () => {
    const Image = TableSchema.make("test/image", 1, { x: Column.tensor("float32", [4]) })
    const x = Float32Array.from({ length: 12 }, (_, i) => i)
    expect(Image.make({ x }).columns.x.buffer).toBe(x.buffer)
  })
  it("refuse what can't be stored", () => {
    const problems = (table: A.Table) => {
      try {
        digestOf(table)
        return []
      } catch (error) {
        return error instanceof TableMismatch ? error.problems : [String(error)]
      }
    }
    const when = A.vectorFromArray([0], new A.TimestampMillisecond())
    expect(problems(new A.Table({ when }))[0]).toContain("column 'when' is Arrow Timestamp")
    const nulls = A.makeData({
      type: new A.Int32(),
      length: 2,
      nullCount: 1,
      nullBitmap: Uint8Array.of(1),
      data: Int32Array.of(1, 2),
    })
    const strict = new A.Schema([new A.Field("i", new A.Int32(), false)])
    expect(problems(new A.Table(strict, [batchOf(strict, [nulls], 2)]))).toEqual([
      "column 'i' holds nulls, and may not",
    ])
    const twice = new A.Schema([strict.fields[0]!, strict.fields[0]!])
    expect(problems(new A.Table(twice, [batchOf(twice, [nulls, nulls], 2)]))).toEqual(["column 'i' is there twice"])
    const items = A.vectorFromArray([[1, null]], new A.List(new A.Field("item", new A.Int32(), true)))
    expect(problems(new A.Table({ items }))).toEqual(["column 'items' has nulls inside its rows"])
  })
  it("say what a table is once more when it is read", () => {
    const bytes = Buffer.concat([...encodeTable(all.arrow)])
    expect(columnsOf(A.tableFromIPC(bytes))).toEqual(columnsOf(all.arrow))
    expect(digestOf(view(A.tableFromIPC(bytes)).arrow)).toBe(digestOf(all.arrow))
  })
})
