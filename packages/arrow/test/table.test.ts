import * as A from "apache-arrow"
import { Effect, Schema } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  bind,
  build,
  Column,
  type Columns,
  columnsOf,
  decodeBatch,
  decodeTable,
  digestOf,
  encodeTable,
  objectCodec,
  type Parameters,
  rootOf,
  rowsPerBatch,
  sha256,
  type Sizes,
  TableMismatch,
  TableSchema,
  tensorValue,
  view,
} from "../src/index.ts"

const All = TableSchema.make("test/all", 1, {
  flag: Column.bool,
  i: Column.int32,
  l: Column.int64,
  f: Column.float32,
  d: Column.float64,
  text: Column.utf8,
  bytes: Column.binary,
  x: Column.tensor("float32", [2, "n"]),
  ids: Column.list("int32"),
  words: Column.list("utf8"),
  maybe: Column.nullable(Column.int32),
  soft: Column.nullable(Column.tensor("float64", [2])),
})
const row = (i: number) => ({
  flag: i % 2 === 0,
  i,
  l: BigInt(i) * 10n ** 12n,
  f: i / 2,
  d: i / 3,
  text: `row ${i}`,
  bytes: Uint8Array.of(i, 255),
  x: Float32Array.of(i, 1, 2, 3, 4, -i),
  ids: Int32Array.from({ length: i % 3 }, (_, k) => k),
  words: i % 2 ? ["ä", ""] : [],
  maybe: i % 3 === 0 ? null : i,
  soft: i % 2 === 0 ? null : Float64Array.of(i, Infinity),
})
const rows = Array.from({ length: 7 }, (_, i) => row(i))
const all = All.fromRows(rows)

const pieces = (table: A.Table) => {
  const parts: Array<Uint8Array> = []
  const encoding = encodeTable(table)
  for (;;) {
    const { done, value } = encoding.next()
    if (done === true) return { parts, index: value }
    parts.push(value)
  }
}
const joined = (parts: ReadonlyArray<Uint8Array>) => new Uint8Array(Buffer.concat(parts))
const problems = (f: () => unknown) => {
  try {
    f()
  } catch (error) {
    if (error instanceof TableMismatch) return error.problems
    throw error
  }
  return []
}

describe("a table", () => {
  it("gives back its rows", () => expect([...all.rows]).toEqual(rows))

  it("adopts arrays of the right type, and its views lie on them", () => {
    const Plain = TableSchema.make("test/plain", 1, { x: Column.tensor("uint8", [4]), y: Column.float64 })
    const data = { x: new Uint8Array(12).fill(7), y: Float64Array.of(1, 2, 3) }
    const table = Plain.make(data)
    expect(table.columns.x.buffer).toBe(data.x.buffer)
    expect(table.columns.y.buffer).toBe(data.y.buffer)
    expect(table.batches[0]!.columns.x.buffer).toBe(data.x.buffer)
  })

  it("has no rows, or rows of no width, when it is told so", () => {
    expect(All.fromRows([]).length).toBe(0)
    const None = TableSchema.make("test/none", 1, { id: Column.int32, x: Column.tensor("float32", [0]) })
    expect(digestOf(None.make({ id: [1, 2], x: new Float32Array(0) }).arrow)).not.toBe(
      digestOf(None.make({ id: [], x: [] }).arrow),
    )
    expect(None.make({ id: [], x: [] }).length).toBe(0)
  })

  it("truncates nothing", () => {
    const Narrow = TableSchema.make("test/narrow", 1, { i: Column.int32, u: Column.tensor("uint8", [1]) })
    expect(problems(() => Narrow.make({ i: [1, 2.5], u: [0, 256] as never }))).toEqual([
      "column 'i' (int32): row 1 is 2.5",
      "column 'u' (tensor uint8[1]): row 1 is 256",
    ])
    expect(problems(() => Narrow.make({ i: [Number.NaN], u: [1] as never }))[0]).toContain("row 0 is NaN")
    expect(problems(() => Narrow.make({ i: [2 ** 31], u: [1] as never }))[0]).toContain("2147483648")
    expect(problems(() => Narrow.make({ i: [1], u: [1, 2] as never }))).toEqual(["column 'u' has 2 rows, 'i' has 1"])
  })

  it("tells each value that a column can't hold, by column and row", () => {
    const wrong = (column: Column, ...values: ReadonlyArray<unknown>) =>
      problems(() => build("test/wrong", { x: column }, { x: values }))
    expect(wrong(Column.int32, 0, -(2 ** 31), 2 ** 31 - 1)).toEqual([])
    expect(wrong(Column.int32, 1, "2")).toEqual([`column 'x' (int32): row 1 is "2"`])
    expect(wrong(Column.int32, 1, null)).toEqual(["column 'x' (int32): row 1 is null"])
    expect(wrong(Column.float32, Number.NaN, Infinity, 0.1)).toEqual([])
    expect(wrong(Column.float32, 1e39)).toEqual(["column 'x' (float32): row 0 is 1e+39"])
    expect(wrong(Column.float64, undefined)).toEqual(["column 'x' (float64): row 0 is undefined"])
    expect(wrong(Column.int64, 1n, 2n ** 63n)).toEqual(["column 'x' (int64): row 1 is 9223372036854775808"])
    expect(wrong(Column.int64, 1)).toEqual(["column 'x' (int64): row 0 is 1"])
    expect(wrong(Column.bool, true, "false")).toEqual([`column 'x' (bool): row 1 is "false"`])
    expect(wrong(Column.utf8, "a", "\ud800")).toEqual([`column 'x' (utf8): row 1 is "\\ud800"`])
    expect(wrong(Column.binary, [1])).toEqual(["column 'x' (binary): row 0 is 1"])
    expect(wrong(Column.list("int32"), [1], [2, 3.5])).toEqual(["column 'x' (list of int32): row 1 is 3.5"])
    expect(wrong(Column.list("utf8"), "abc")).toEqual([`column 'x' (list of utf8): row 0 is "abc"`])
    expect(wrong(Column.tensor("uint8", [2]), [1, 2], [3, 256])).toEqual(["column 'x' (tensor uint8[2]): row 1 is 256"])
    expect(wrong(Column.tensor("uint8", [2]), [1, 2, 3], [4])).toEqual([
      "column 'x' (tensor uint8[2]): row 0 has 3 elements, wanted 2",
    ])
    expect(wrong(Column.tensor("uint8", [2]), 1, 2, 300)[0]).toContain("3 elements are no whole number of rows")
    expect(wrong(Column.tensor("float32", ["a", "b"]), [1, 2])[0]).toContain("no size of tensor float32[a, b]")
  })

  it("learns sizes and rows from whatever column tells them", () => {
    const n = (columns: Columns, data: Record<string, ArrayLike<unknown>>, sizes: Sizes = new Map()) => {
      const table = build("test/sizes", columns, data, {}, sizes)
      return [table.numRows, ...sizes.values()]
    }
    const x = Column.tensor("float32", ["n", 2])
    const id = Column.int32
    expect(n({ x, id }, { x: new Float32Array(12), id: [1, 2, 3] })).toEqual([3, 2])
    expect(
      n(
        { x, y: Column.tensor("float32", ["n"]) },
        {
          x: new Float32Array(12),
          y: [
            [1, 2, 3],
            [1, 2, 3],
          ],
        },
      ),
    ).toEqual([2, 3])
    expect(n({ x }, { x: new Float32Array(12) }, new Map([["n", 3]]))).toEqual([2, 3])
    expect(n({ x: Column.nullable(x) }, { x: [undefined, [1, 2], null] })).toEqual([3, 1])
    expect(n({ x, id }, { x: [], id: [] })).toEqual([0, 0])
    expect(n({ x, id }, { x: new Float32Array(0), id: [7] })).toEqual([1, 0])
    expect(problems(() => n({ x, id }, { x: [], id: [7] }))).toEqual(["column 'id' has 1 rows, 'x' has 0"])
    expect(problems(() => n({ x }, { x: new Float32Array(12) }))[0]).toContain("give it in sizes")
    expect(problems(() => n({ x, id }, { x: new Float32Array(12), id: [] }))[0]).toContain("give it in sizes")
    expect(problems(() => n({ x, id }, { x: new Float32Array(12), id: [1, 2, 3, 4] }))[0]).toContain("give it in sizes")
    const twice = Column.tensor("float32", ["n", "n"])
    expect(n({ twice }, { twice: [[1, 2, 3, 4]] }, new Map([["n", 2]]))).toEqual([1, 2])
  })

  it("tells columns that are missing, unknown or of another length", () => {
    const Two = TableSchema.make("test/two", 1, { a: Column.int32, b: Column.utf8 })
    const bad = (data: object) => problems(() => Two.make(data as never))
    expect(bad({ a: [1], c: [2] })).toEqual(["column 'b' is missing", "column 'c' isn't declared"])
    expect(bad({ a: [1], b: ["x", "y"] })).toEqual(["column 'b' has 2 rows, 'a' has 1"])
  })

  it("tells the size of a dimension by its data", () => {
    const field = columnsOf(all.arrow)["x"]!
    expect(field.shape).toEqual([2, 3])
  })
})

describe("a check", () => {
  const wanted = {
    i: Column.int32,
    x: Column.tensor("float32", ["n", 3]),
    y: Column.tensor("float32", ["n"]),
    gone: Column.utf8,
  }
  it("tells all that is wrong, column by column", () => {
    const actual = { i: Column.float64, x: Column.tensor("float32", [2, 4]), y: Column.tensor("float32", [5]) }
    expect(bind(actual, wanted, new Map())).toEqual([
      "column 'i' is float64, wanted int32; cast it to int32 (pyarrow: column.cast(pa.int32()))",
      "column 'x': dimension 1 is 4, wanted 3",
      "column 'y': dimension 'n' is 5, elsewhere 2",
      "column 'gone' is missing (utf8)",
    ])
  })
  it("refuses nulls where they aren't said, and takes a nullable field that holds none", async () => {
    const Strict = TableSchema.make("test/strict", 1, { maybe: Column.int32 })
    const error = await Effect.runPromise(Effect.flip(Strict.decode(all.arrow)))
    expect(error.message).toBe("not a table of test/strict: column 'maybe' holds nulls, and may not")
    const some = view(all.arrow.slice(1, 3))
    expect([...(await Effect.runPromise(Strict.decode(some.arrow))).columns.maybe]).toEqual([1, 2])
  })
  it("takes a tensor in another order of memory for what it is", () => {
    const metadata = (text: string) =>
      new Map([
        ["ARROW:extension:name", "arrow.fixed_shape_tensor"],
        ["ARROW:extension:metadata", text],
      ])
    const type = new A.FixedSizeList(6, new A.Field("item", new A.Float32(), true))
    const found = (text: string) => columnsOf({ schema: new A.Schema([new A.Field("x", type, false, metadata(text))]) })
    const wanted = { x: Column.tensor("float32", [2, 3]) }
    expect(bind(found('{"shape":[2,3],"permutation":[0,1]}'), wanted, new Map())).toEqual([])
    expect(bind(found('{"shape":[2,3],"permutation":[1,0]}'), wanted, new Map())[0]).toContain("row-major")
    for (const odd of ["{", "null", '{"shape":[4]}', '{"shape":[-2,-3]}']) expect(found(odd)["x"]!.shape).toEqual([6])
  })
  it("isn't fooled by names that every object has", () => {
    expect(bind({}, { constructor: Column.int32 }, new Map())).toEqual(["column 'constructor' is missing (int32)"])
  })
  it("sees elements without a value, but not what lies under a row without one", async () => {
    const Wanted = TableSchema.make("test/inner", 1, {
      ids: Column.nullable(Column.list("int32")),
      x: Column.nullable(Column.tensor("float32", [2])),
    })
    const inner = (type: A.DataType) => new A.Field("item", type, true)
    const pairs = [[1, 2], null, [3, null], [4, 5]]
    const table = new A.Table({
      ids: A.vectorFromArray([[1], null, [2, null, 3], []], new A.List(inner(new A.Int32()))),
      x: A.vectorFromArray(pairs, new A.FixedSizeList(2, inner(new A.Float32()))),
    })
    const told = (from: number, to: number) =>
      Effect.runPromise(
        Effect.match(Wanted.decode(table.slice(from, to)), {
          onFailure: ({ problems }) => problems,
          onSuccess: () => [],
        }),
      )
    expect(await told(0, 2)).toEqual([])
    expect(await told(3, 4)).toEqual([])
    expect(await told(0, 4)).toEqual(await told(1, 3))
    expect(await told(1, 3)).toEqual([
      "column 'ids' is nullable Arrow List<Int32> with nulls inside its rows, wanted nullable list of int32; fill them, or drop these rows",
      "column 'x' is nullable Arrow FixedSizeList[2]<Float32> with nulls inside its rows, wanted nullable tensor float32[2]; fill them, or drop these rows",
    ])
  })
  it("says how to cast what a foreign table holds", async () => {
    const table = new A.Table({ i: A.vectorFromArray([1, 2], new A.Int16()) })
    const Wanted = TableSchema.make("test/i", 1, { i: Column.int32 })
    expect((await Effect.runPromise(Effect.flip(Wanted.decode(table)))).message).toContain(
      "is Arrow Int16, wanted int32; cast it to int32",
    )
  })
})

describe("the canonical form", () => {
  it("comes back as it was, whole and by batch", () => {
    const { parts, index } = pieces(all.arrow)
    expect([...view(decodeTable(joined(parts)), All.columns).rows]).toEqual(rows)
    expect([...view(decodeBatch(parts[0]!, parts[1]!), All.columns).rows]).toEqual(rows)
    expect([...view(A.tableFromIPC(joined(parts)), All.columns).rows]).toEqual(rows)
    expect(index.batches.map((b) => b.digest)).toEqual([sha256(parts[1]!)])
    expect(rootOf(index)).toBe(digestOf(all.arrow))
  })

  it("is one for all ways to cut a table, and another for another table", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 7 }), { maxLength: 4 }), (cuts) => {
        const at = [0, ...cuts.toSorted((a, b) => a - b), 7]
        const parts = at.slice(1).map((end, i) => all.arrow.slice(at[i], end))
        expect(digestOf(parts[0]!.concat(...parts.slice(1)))).toBe(digestOf(all.arrow))
      }),
      { numRuns: 40 },
    )
    expect(digestOf(all.arrow.slice(0, 6))).not.toBe(digestOf(all.arrow))
    expect(digestOf(All.fromRows(rows.map((r) => ({ ...r, f: r.f + (r.i === 3 ? 1e-6 : 0) }))).arrow)).not.toBe(
      digestOf(all.arrow),
    )
  })

  it("doesn't see what lies under a null, nor a dictionary, nor the order of metadata", () => {
    const type = new A.Int32()
    const masked = (hidden: number) => {
      const data = A.makeData({
        type,
        length: 3,
        nullCount: 1,
        nullBitmap: Uint8Array.of(0b101),
        data: Int32Array.of(1, hidden, 3),
      })
      return new A.Table({ x: new A.Vector([data]) })
    }
    expect(digestOf(masked(5))).toBe(digestOf(masked(6)))
    const coded = new A.Table({ t: A.vectorFromArray(["a", "b", "a"]) })
    const plain = new A.Table({ t: A.vectorFromArray(["a", "b", "a"], new A.Utf8()) })
    expect(digestOf(coded)).toBe(digestOf(plain))
    const tagged = (pairs: ReadonlyArray<readonly [string, string]>) =>
      new A.Table(new A.Schema(plain.schema.fields, new Map(pairs)), plain.batches)
    expect(
      digestOf(
        tagged([
          ["a", "1"],
          ["b", "2"],
        ]),
      ),
    ).toBe(
      digestOf(
        tagged([
          ["b", "2"],
          ["a", "1"],
        ]),
      ),
    )
    expect(digestOf(tagged([["a", "1"]]))).not.toBe(digestOf(tagged([["a", "2"]])))
  })

  it("cuts batches by the schema alone", () => {
    expect(rowsPerBatch([Column.tensor("uint8", [28, 28])])).toBe(21_399)
    expect(rowsPerBatch([Column.int32])).toBe(65_536)
    const x = Column.tensor("float32", [2 ** 20])
    const wide = build("test/wide", { x }, { x: new Float32Array(9 * 2 ** 20) })
    expect(pieces(wide).index.batches.map((b) => b.rows)).toEqual([4, 4, 1])
  })
})

describe("a domain object", () => {
  interface Line {
    readonly kind: "line"
    readonly name: string
    readonly slope: Float64Array
  }
  interface Grid {
    readonly kind: "grid"
    readonly cells: Float32Array
  }
  const Shape = objectCodec<Line | Grid>()("test/shape", 1, {
    line: {
      header: Schema.Struct({ name: Schema.String }),
      decode: ({ name }: { name: string }, { slope }) => ({ kind: "line", name, slope: slope!.values as Float64Array }),
      encode: ({ name, slope }) => [{ name }, { slope: tensorValue("float64", slope) }],
    },
    grid: {
      header: Schema.Struct({}),
      decode: (_: {}, { cells }) => ({ kind: "grid", cells: cells!.values as Float32Array }),
      encode: ({ cells }) => [{}, { cells: tensorValue("float32", cells, [2, cells.length / 2]) }],
    },
  })
  const line: Line = { kind: "line", name: "a", slope: Float64Array.of(0.1, -0, Number.NaN) }
  const decode = (table: A.Table, codec: { decode: typeof Shape.decode } = Shape) =>
    Effect.runPromise(Effect.result(codec.decode(table)))
  const stored = (table: A.Table) => decodeTable(joined(pieces(table).parts))

  it("crosses a file without losing a bit", async () => {
    const result = await decode(stored(Shape.encode(line)))
    expect(result).toMatchObject({ _tag: "Success", success: line })
  })
  it("keeps every bit of every number, and any path", async () => {
    interface Bag {
      readonly kind: "bag"
      readonly parameters: Parameters
    }
    const Bags = objectCodec<Bag>()("test/bag", 1, {
      bag: {
        header: Schema.Struct({}),
        decode: (_: {}, parameters) => ({ kind: "bag", parameters }),
        encode: ({ parameters }) => [{}, parameters],
      },
    })
    const payload = new Float32Array(Uint32Array.of(0x7fc00001, 0xffc12345, 0x80000000, 1).buffer)
    const parameters: Parameters = Object.fromEntries([
      ["layers.0/weight", tensorValue("float32", payload, [2, 2])],
      ["__proto__", tensorValue("uint8", Uint8Array.of(1, 2, 3))],
      ["", tensorValue("float64", Float64Array.of(5e-324), [])],
      ["none", tensorValue("int32", new Int32Array(0), [0, 3])],
    ])
    const back = await Effect.runPromise(Bags.decode(stored(Bags.encode({ kind: "bag", parameters }))))
    expect(Object.keys(back.parameters)).toEqual(Object.keys(parameters))
    for (const [path, { dtype, shape, values }] of Object.entries(parameters)) {
      const found = back.parameters[path]!
      expect([found.dtype, found.shape]).toEqual([dtype, shape])
      expect(Buffer.from(found.values.buffer, found.values.byteOffset, found.values.byteLength)).toEqual(
        Buffer.from(values.buffer, values.byteOffset, values.byteLength),
      )
    }
  })
  it("is refused when a tensor is missing, there twice, or of another size", async () => {
    const { schema } = Shape.encode(line)
    const Storage = TableSchema.make("test/shape", 1, Shape.columns)
    const tensor = { path: "slope", dtype: "float64", shape: [1], values: new Uint8Array(8) }
    const message = async (...tensors: ReadonlyArray<object>) => {
      const { arrow } = Storage.fromRows(tensors as never)
      const error = await Effect.runPromise(Effect.flip(Shape.decode(new A.Table(schema, arrow.batches))))
      return error.message
    }
    expect(await message()).toContain("kind 'line' isn't made of the tensors")
    expect(await message(tensor, tensor)).toContain("tensor 'slope' is there twice")
    expect(await message({ ...tensor, shape: [2] })).toContain("of shape [2] has 8 bytes, wanted 16")
    expect(await message({ ...tensor, shape: [-1, -1] })).toContain("has the shape [-1, -1]")
    expect(await message({ ...tensor, dtype: "toString" })).toContain("is of toString; there is float64")
    expect(() => tensorValue("float32", new Float32Array(3), [2])).toThrow(TableMismatch)
  })
  it("is refused when it is of another kind, or damaged", async () => {
    const message = async (table: A.Table, codec?: { decode: typeof Shape.decode }) => {
      const result = await decode(table, codec)
      return result._tag === "Failure" ? result.failure.message : "decoded"
    }
    const table = Shape.encode(line)
    expect(await message(table, Shape.only("grid") as never)).toContain("kind is 'line', wanted grid")
    expect(await message(all.arrow)).toContain("kind is 'none'")
    const withHeader = (json: string) =>
      new A.Table(
        new A.Schema(table.schema.fields, new Map([...table.schema.metadata, ["relent:header", json]])),
        table.batches,
      )
    expect(await message(withHeader("{"))).toContain("header:")
    expect(await message(withHeader('{"name": 3}'))).toContain("header:")
    expect(
      await message(new A.Table(new A.Schema(all.arrow.schema.fields, table.schema.metadata), all.arrow.batches)),
    ).toContain("missing")
  })
})
