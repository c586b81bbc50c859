/** From a file of the user's to examples: what is read, and how each thing that can be wrong is told. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { build, Column, type Columns, columnsOf, encodeTable, show, type Table, view } from "@relent/arrow"
import type { AnyStage } from "@relent/stage"
import * as A from "apache-arrow"
import { Effect, Schema } from "effect"
import { afterAll, describe, expect, it } from "vitest"
import { assemble } from "../src/assemble.ts"
import { parseColumn } from "../src/file/column-type.ts"
import { inferColumn } from "../src/file/csv.ts"
import { readTable } from "../src/read-table.ts"

const folder = mkdtempSync(join(tmpdir(), "relent own data "))
afterAll(() => rmSync(folder, { recursive: true }))

type Tables = Readonly<Record<string, Table<any>>>
const run = (stage: AnyStage, parameters: object, given: object): Promise<Tables> =>
  Effect.runPromise(
    Effect.flatMap(Schema.decodeUnknownEffect(stage.schema)(parameters), (decoded) =>
      stage.run({ parameters: decoded, ...given }),
    ) as Effect.Effect<Tables>,
  )
const message = (result: Promise<Tables>) =>
  result.then(
    () => "no failure",
    (error: Error & { readonly hint?: string }) => (error.hint ? `${error.message} (${error.hint})` : error.message),
  )

/** Reads a file of this content. */
const read = async (path: string, content: string | Uint8Array, parameters: object = {}) => {
  const file = join(folder, path)
  writeFileSync(file, content)
  const source = { path: file, digest: "", bytes: Effect.sync(() => new Uint8Array(readFileSync(file))) }
  return (await run(readTable, { path, ...parameters }, { sources: { file: source } }))["table"]!
}
const refused = (...given: Parameters<typeof read>) => message(read(...given).then((table) => ({ table })))
const types = (table: Table<any>) =>
  Object.fromEntries(Object.entries(columnsOf(table.arrow)).map(([name, column]) => [name, show(column)]))

describe("a column type as a text", () => {
  it("is what a table's columns are printed as", () => {
    const columns = [
      Column.bool,
      Column.int64,
      Column.binary,
      Column.list("utf8"),
      Column.tensor("uint8", [28, 28]),
      Column.tensor("float64", []),
    ]
    for (const column of [...columns, ...columns.map(Column.nullable)])
      expect(parseColumn(show(column))).toEqual(column)
    for (const wrong of [
      "flaot32",
      "",
      "toString",
      "list of float64",
      "tensor int64[2]",
      "tensor float32[n]",
      "nullable",
      "tensor float32[-1]",
    ])
      expect(parseColumn(wrong)).toBeUndefined()
  })
})

describe("declared columns", () => {
  it("are checked before a file is read", async () => {
    const wrong = (columns: object) => message(run(readTable, { path: "a.csv", columns }, {}))
    expect(await wrong({ x: "flaot32" })).toContain("no column type: did you mean 'float32'?")
    expect(await wrong({ id: "utf8" })).toContain("'id' is int32: rows are joined by it")
  })
  it("are what a pipeline knows of the file before it is read", () => {
    const { table } = readTable.outputs
    const known = (parameters: object) =>
      Object.entries(table.columns(parameters, {})).map(([name, column]) => [name, show(column)])
    expect(known({})).toEqual([["id", "int32"]])
    expect(known({ columns: { logits: "tensor float32[10]" } })).toEqual([
      ["id", "int32"],
      ["logits", "tensor float32[10]"],
    ])
  })
})

describe("a CSV file", () => {
  it("tells the types of its columns, and its rows are numbered", async () => {
    const table = await read(
      "a.csv",
      '\ufeffok,n,big,x,zip,name\ntrue,1,5000000000,1,007,"a, b"\nFALSE,-2,1,nan,010,"say ""ä""\n"\n,3,2,-1e3,1,\n',
    )
    expect(types(table)).toEqual({
      id: "int32",
      ok: "nullable bool",
      n: "int32",
      big: "int64",
      x: "float64",
      zip: "utf8",
      name: "nullable utf8",
    })
    expect([...table.rows]).toEqual([
      { id: 0, ok: true, n: 1, big: 5000000000n, x: 1, zip: "007", name: "a, b" },
      { id: 1, ok: false, n: -2, big: 1n, x: Number.NaN, zip: "010", name: 'say "ä"\n' },
      { id: 2, ok: null, n: 3, big: 2n, x: -1000, zip: "1", name: null },
    ])
  })
  it("infers the narrowest type that loses nothing", () => {
    const infer = (...cells: ReadonlyArray<string | null>) => show(inferColumn(cells))
    expect(infer("1", "2147483647")).toBe("int32")
    expect(infer("1", "2147483648")).toBe("int64")
    expect(infer("9223372036854775808")).toBe("utf8")
    expect(infer("1", "2.5")).toBe("float64")
    expect(infer("1", "12345678901234567890.5")).toBe("float64")
    expect(infer("0", "1")).toBe("int32")
    expect(infer("true", "1")).toBe("utf8")
    expect(infer("0.5", "00.5")).toBe("utf8")
    expect(infer("1", "")).toBe("utf8")
    expect(infer(null, null)).toBe("nullable utf8")
    expect(infer("1", null)).toBe("nullable int32")
  })
  it("is read as declared: only these columns, and the id", async () => {
    const table = await read(
      "b.tsv",
      "id\tx\tv\tname\tok\n7\t1\t[[1,2],[3,4]]\t\t1\n9\t3.0\t[[5,6],[7,8]]\tNA\tFalse\n",
      {
        columns: { x: "int32", v: "tensor float32[2, 2]", name: "nullable utf8", ok: "bool" },
        missing: ["NA", ""],
      },
    )
    expect(types(table)).toEqual({
      id: "int32",
      x: "int32",
      v: "tensor float32[2, 2]",
      name: "nullable utf8",
      ok: "bool",
    })
    expect([...table.rows]).toEqual([
      { id: 7, x: 1, v: Float32Array.of(1, 2, 3, 4), name: null, ok: true },
      { id: 9, x: 3, v: Float32Array.of(5, 6, 7, 8), name: null, ok: false },
    ])
  })
  it("may have no rows", async () => {
    const table = await read("none.csv", "a,b\n", { columns: { a: "float32", b: "utf8" } })
    expect([table.length, types(table)]).toEqual([0, { id: "int32", a: "float32", b: "utf8" }])
  })
  it("is told by row, line and column what isn't right, all at once", async () => {
    expect(await refused("c.csv", 'a,note\n1,"x\ny"\nten,\n,z\n', { columns: { a: "int32", b: "float32" } })).toBe(
      "c.csv: column 'b': wanted float32, found no such column; did you mean 'a'?; row 1 (line 4), column 'a': wanted int32, found \"ten\"; row 2 (line 5), column 'a': wanted int32, found nothing",
    )
    expect(await refused("c.csv", "a\n1.5\n2147483648\n", { columns: { a: "int32" } })).toContain(
      "row 1 (line 3), column 'a': wanted int32, found \"2147483648\"",
    )
    expect(await refused("c.csv", 'v\n"[1,2]"\n"[1,2,3]"\n', { columns: { v: "tensor float32[2]" } })).toBe(
      `c.csv: row 1 (line 3), column 'v': wanted tensor float32[2], found "[1,2,3]"`,
    )
    const many = `a\n${"x\n".repeat(100)}`
    expect(await refused("c.csv", many, { columns: { a: "bool" } })).toMatch(/row 4 .line 6.*; and 95 more like these$/)
    expect(await refused("c.csv", "a,b\n1,2\n3\n4,5,6\n")).toBe(
      'c.csv: row 1 (line 3): wanted 2 cells, found 1: "3"; row 2 (line 4): wanted 2 cells, found 3: "4", "5", "6" (quote cells that hold the delimiter)',
    )
    expect(await refused("c.csv", "id,a\nA-1,1\n")).toContain(
      `row 0 (line 2), column 'id': wanted int32, found "A-1" (ids are whole numbers`,
    )
  })
  it("is told that it is cut off, foreign, empty, or nameless", async () => {
    expect(await refused("d.csv", 'a,b\n1,"cut')).toContain(
      "d.csv: line 2: wanted sound CSV, found a quote that isn't closed",
    )
    expect(await refused("d.csv", "")).toContain("found an empty file")
    expect(await refused("d.csv", Uint8Array.of(0x61, 0xe9, 0x0a))).toContain("wanted text in UTF-8")
    expect(await refused("d.csv", readFileSync(join(import.meta.dirname, "fixtures/small.parquet")))).toContain(
      "wanted text in UTF-8",
    )
    expect(await refused("d.csv", ",a\n0,1\n")).toContain(
      "line 1: wanted a name for each column, found none for column 1",
    )
    expect(await refused("d.csv", "a,a\n0,1\n")).toContain("found 'a' twice")
    expect(await refused("d.csv", "5.1,3.5\n4.9,3\n")).toContain("found numbers: 5.1, 3.5")
    expect(await refused("d.xlsx", "PK")).toBe(
      "d.xlsx: wanted .arrow, .feather, .ipc, .parquet, .csv or .tsv, found .xlsx",
    )
    expect(await refused("d", "")).toContain("found no ending")
  })
})

describe("an Arrow file", () => {
  const columns = {
    id: Column.int32,
    x: Column.tensor("float32", [2]),
    words: Column.list("utf8"),
    maybe: Column.nullable(Column.int32),
  }
  const table = build("mine/t", columns, { id: [3, 4], x: [1, 2, 3, 4], words: [["a"], []], maybe: [null, 1] })
  const bytes = Buffer.concat([...encodeTable(table)])

  it("keeps its types and values", async () => {
    const found = await read("a.arrow", bytes)
    expect([columnsOf(found.arrow), [...found.rows]]).toEqual([columnsOf(table), [...view(table).rows]])
    expect(
      types(await read("a.feather", bytes, { columns: { x: "tensor float64[2]", maybe: "nullable float32" } })),
    ).toEqual({
      id: "int32",
      x: "tensor float64[2]",
      maybe: "nullable float32",
    })
  })
  it("of other types is widened where nothing is lost, or told", async () => {
    const foreign = new A.Table({
      i: A.vectorFromArray([1, 2], new A.Int16()),
      u: A.vectorFromArray([1, 2], new A.Uint32()),
      coded: A.vectorFromArray(["a", "b"]),
      rows: A.vectorFromArray(
        [
          [1, 2],
          [3, 4],
        ],
        new A.List(new A.Field("item", new A.Float64(), true)),
      ),
      when: A.vectorFromArray([0, 1], new A.TimestampMillisecond()),
    })
    const file = A.tableToIPC(foreign, "file")
    expect(await refused("b.arrow", file)).toMatch(
      /column 'rows': wanted a type that tables hold, found Arrow List.*column 'when': wanted .*Timestamp.*'columns'\)$/,
    )
    const found = await read("b.arrow", file, {
      columns: { i: "int32", u: "int64", coded: "utf8", rows: "tensor float32[2]" },
    })
    expect([...found.rows].map((row) => row["rows"])).toEqual([Float32Array.of(1, 2), Float32Array.of(3, 4)])
    expect(found.columns["coded"]).toEqual(["a", "b"])
  })
  it("that is damaged is told", async () => {
    expect(await refused("c.arrow", bytes.subarray(0, 400))).toContain(
      "c.arrow: wanted an Arrow file, found that its end is missing",
    )
    expect(await refused("c.arrow", "")).toContain("found that it is empty")
    expect(await refused("c.arrow", "a,b\n1,2\n")).toContain("found that it isn't an Arrow file")
  })
})

describe("a Parquet file", () => {
  const bytes = readFileSync(join(import.meta.dirname, "fixtures/small.parquet"))
  const declared = {
    ok: "nullable bool",
    small: "int32",
    big: "int64",
    x: "float64",
    f: "float32",
    name: "nullable utf8",
    ids: "list of int32",
    vector: "tensor float32[2]",
  }

  it("gives its columns, and its id as int32", async () => {
    const table = await read("a.parquet", bytes, { columns: declared })
    expect(types(table)).toEqual({ ...declared, id: "int32" })
    expect([...table.rows][1]).toEqual({
      id: 11,
      ok: null,
      small: 2,
      big: -1n,
      x: Number.NaN,
      f: 0.25,
      name: "ä",
      ids: new Int32Array(0),
      vector: Float32Array.of(3, 4),
    })
  })
  it("is told what tables don't hold, and what isn't so", async () => {
    expect(await refused("a.parquet", bytes)).toMatch(
      /column 'vector': wanted a type that tables hold, found Parquet .*LIST.*column 'when': .*INT64 \(TIMESTAMP/,
    )
    expect(await refused("a.parquet", bytes, { columns: { name: "utf8", x: "int32" } })).toBe(
      "a.parquet: row 0, column 'x': wanted int32, found 0.5; row 1, column 'x': wanted int32, found NaN; row 2, column 'x': wanted int32, found 1.5; row 2, column 'name': wanted utf8, found nothing",
    )
  })
  it("that is damaged ends in an error of its own", async () => {
    for (let length = 0; length < bytes.length; length += 97)
      expect(await refused("b.parquet", bytes.subarray(0, length))).toContain("b.parquet: wanted a sound Parquet file")
    for (let at = 0; at < bytes.length; at += 13) {
      const damaged = new Uint8Array(bytes)
      damaged[at]! ^= 0x55
      expect(await refused("b.parquet", damaged, { columns: declared })).toMatch(/^b\.parquet: |no failure/)
    }
  })
})

describe("examples from columns", () => {
  const columns: Columns = {
    id: Column.int32,
    a: Column.float64,
    n: Column.int64,
    v: Column.tensor("float32", [2]),
    flat: Column.int32,
    kind: Column.utf8,
    hole: Column.nullable(Column.float64),
  }
  const data = {
    id: [5, 6, 7, 8],
    a: [1, 2, 3, 6],
    n: [10n, 20n, 30n, 40n],
    v: [0, 1, 0, 1, 0, 1, 4, 1],
    flat: [3, 3, 3, 3],
    kind: ["cat", "ant", "cat", "bee"],
    hole: [1, null, 2, null],
  }
  const table = view(build("mine/rows", columns, data))
  const make = (parameters: object, inputs: object = {}) => run(assemble, parameters, { inputs: { table, ...inputs } })

  it("are standardised, labelled, and keep their ids", async () => {
    const { data, standardisation, classes } = await make({
      features: ["a", "v", "flat"],
      label: "kind",
      standardise: true,
    })
    expect([...data!.columns["id"]]).toEqual([5, 6, 7, 8])
    expect([...data!.columns["label"]]).toEqual([2, 0, 2, 1])
    expect([...classes!.rows]).toEqual([
      { label: 0, name: "ant" },
      { label: 1, name: "bee" },
      { label: 2, name: "cat" },
    ])
    expect([...standardisation!.rows]).toEqual([
      { feature: "a", mean: 3, deviation: Math.sqrt(14 / 4) },
      { feature: "v[0]", mean: 1, deviation: Math.sqrt(3) },
      { feature: "v[1]", mean: 1, deviation: 0 },
      { feature: "flat", mean: 3, deviation: 0 },
    ])
    const x = [...data!.rows].map((row) => [...row["x"]])
    expect(x[0]).toEqual([-2 / Math.sqrt(3.5), -1 / Math.sqrt(3), 0, 0].map(Math.fround))
    expect(x[3]).toEqual([3 / Math.sqrt(3.5), 3 / Math.sqrt(3), 0, 0].map(Math.fround))
  })
  it("of new data are made as the first were", async () => {
    const first = await make({ features: ["a", "flat"], label: "kind", standardise: true })
    const fresh = view(
      build(
        "mine/new",
        { a: Column.float32, flat: Column.int32, kind: Column.utf8 },
        { a: [3, 10], flat: [4, 3], kind: ["cat", "bee"] },
      ),
    )
    const given = { table: fresh, standardisation: first["standardisation"], classes: first["classes"] }
    const { data, standardisation, classes } = await run(
      assemble,
      { features: ["a", "flat"], label: "kind" },
      { inputs: given },
    )
    expect([...data!.columns["x"]]).toEqual([0, 1, 7 / Math.sqrt(3.5), 0].map(Math.fround))
    expect([...data!.columns["label"]]).toEqual([2, 1])
    expect([...data!.columns["id"]]).toEqual([0, 1])
    expect([[...standardisation!.rows], [...classes!.rows]]).toEqual([
      [...first["standardisation"]!.rows],
      [...first["classes"]!.rows],
    ])
    expect(await message(run(assemble, { features: ["flat"] }, { inputs: given }))).toContain(
      "the standardisation is of a, flat; the features are flat",
    )
    const other = view(build("mine/new", { a: Column.float32, kind: Column.utf8 }, { a: [3], kind: ["dog"] }))
    expect(
      await message(
        run(assemble, { features: ["a"], label: "kind" }, { inputs: { table: other, classes: first["classes"] } }),
      ),
    ).toContain(`column 'kind', row 0: wanted one of ant, bee, cat, found "dog"`)
  })
  it("take all numbers but the label where no features are named, as they are", async () => {
    const plain = view(
      build(
        "mine/plain",
        { b: Column.bool, y: Column.int32, t: Column.utf8 },
        { b: [true, false], y: [7, -1], t: ["p", "q"] },
      ),
    )
    const { data, standardisation, classes } = await run(assemble, { label: "y" }, { inputs: { table: plain } })
    expect([[...data!.columns["x"]], [...data!.columns["label"]]]).toEqual([
      [1, 0],
      [1, 0],
    ])
    expect([...standardisation!.rows]).toEqual([{ feature: "b", mean: 0, deviation: 1 }])
    expect([...classes!.rows].map(({ name }) => name)).toEqual(["-1", "7"])
    expect(types((await run(assemble, {}, { inputs: { table: plain } }))["data"]!)).toEqual({
      id: "int32",
      x: "tensor float32[2]",
    })
  })
  it("are refused with column and row", async () => {
    expect(await message(make({ features: ["b", "kind", "hole"], label: "a" }))).toBe(
      `column 'b' is missing: did you mean 'a'?; column 'kind' is utf8, wanted numbers: row 0 is "cat"; column 'hole', row 1: wanted a number, found nothing; column 'a' is float64, wanted texts, whole numbers or true and false (fill or drop such rows, or name other columns)`,
    )
    const odd = {
      table: view(
        build(
          "mine/odd",
          { a: Column.float64, k: Column.nullable(Column.utf8) },
          { a: [1, Infinity, 1e39], k: ["x", null, "x"] },
        ),
      ),
    }
    expect(await message(make({ features: ["a"] }, odd))).toContain(
      "column 'a', row 1: wanted a finite number, found Infinity; column 'a', row 2",
    )
    expect(await message(make({ features: ["a"], label: "k" }, odd))).toContain(
      "column 'k', row 1: wanted a class, found nothing",
    )
    const twice = {
      table: view(build("mine/twice", { id: Column.int32, a: Column.float64 }, { id: [4, 4], a: [1, 2] })),
    }
    expect(await message(make({}, twice))).toContain("rows 0 and 1 have the id 4")
    const none = { table: view(build("mine/none", { a: Column.float64 }, { a: [] })) }
    expect(await message(make({}, none))).toContain("the table has no rows")
  })
})
