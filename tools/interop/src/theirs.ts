/** Reads what pyarrow wrote: the same values, or the typed error that says why not. */
import { readFileSync } from "node:fs"
import { basename, extname, join } from "node:path"
import {
  Column,
  type Columns,
  columnsOf,
  digestOf,
  readTable as readArrow,
  show,
  type Table,
  TableMismatch,
  TableSchema,
  TableUnreadable,
} from "@relent/arrow"
import { readTable } from "@relent/datasets/read-table"
import { Effect, Schema } from "effect"
import { Everything, rowsOf } from "./everything.ts"
import { encodeCell } from "./values.ts"

/** What `python/write.py` calls `every()`, as a user of relent declares it. */
const columns = {
  id: Column.int32,
  flag: Column.bool,
  long: Column.int64,
  single: Column.float32,
  double: Column.float64,
  text: Column.utf8,
  bytes: Column.binary,
  image: Column.tensor("uint8", [2, 2]),
  point: Column.tensor("float32", [2, "one", 2]),
  matrix: Column.tensor("float64", ["width"]),
  ids: Column.list("int32"),
  weights: Column.list("float32"),
  words: Column.list("utf8"),
  maybeFlag: Column.nullable(Column.bool),
  maybeInt: Column.nullable(Column.int32),
  maybeText: Column.nullable(Column.utf8),
  maybePoint: Column.nullable(Column.tensor("float32", [2])),
  maybeWords: Column.nullable(Column.list("utf8")),
} satisfies Columns

export type Check = (what: string, found: unknown, wanted: unknown) => void

interface Described {
  readonly rows: number
  readonly columns: { readonly [name: string]: ReadonlyArray<unknown> }
}

const compare = (what: string, folder: string, table: Table<any>, check: Check) => {
  const name = basename(what, extname(what))
  const wanted = JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8")) as Described
  const names = Object.keys(wanted.columns)
  const kinds = columnsOf(table.arrow)
  const rows = [...table.rows]
  check(`${what}: rows`, table.length, wanted.rows)
  for (const column of names)
    check(
      `${what}: values of ${column}`,
      rows.map((row) => encodeCell(kinds[column]!.kind, row[column])),
      wanted.columns[column],
    )
}

/** The message of the error that the effect must end in; anything else is a difference. */
const refusal = <A, E>(effect: Effect.Effect<A, E>) =>
  Effect.runPromise(
    Effect.match(effect, {
      onFailure: (error) =>
        error instanceof TableMismatch ||
        error instanceof TableUnreadable ||
        (error as { readonly _tag?: string })._tag === "FileInvalid"
          ? (error as Error).message
          : `not typed: ${String(error)}`,
      onSuccess: () => "no error",
    }),
  )

const Wanted = (wanted: Columns) => TableSchema.make("interop/theirs", 1, wanted)

const arrowFiles = async (folder: string, check: Check) => {
  const read = (name: string, wanted: Columns) => Effect.flatMap(readArrow(join(folder, name)), Wanted(wanted).decode)
  const whole = [
    "file",
    "stream",
    "file-batches",
    "stream-batches",
    "zstd",
    "zstd-stream",
    "sliced",
    "chunked",
    "empty",
    "no-batches",
    "old-format",
    "v4",
    "metadata",
    "feather",
  ]
  for (const name of whole)
    compare(`${name}.arrow`, folder, await Effect.runPromise(read(`${name}.arrow`, columns)), check)
  check(
    "shape of pyarrow's tensor",
    show(columnsOf(await Effect.runPromise(readArrow(join(folder, "file.arrow"))))["point"]!),
    "nullable tensor float32[2, 1, 2]",
  )

  const said = async (name: string, wanted: Columns, ...parts: ReadonlyArray<string>) => {
    const message = await refusal(read(name, wanted))
    for (const part of parts) check(`${name} says '${part}'`, message.includes(part) ? part : message, part)
  }
  const odd: Columns = {
    large: Column.utf8,
    wide: Column.int32,
    narrow: Column.int32,
    unsigned: Column.int32,
    half: Column.float32,
    when: Column.int64,
    day: Column.int32,
    money: Column.float64,
    mapped: Column.utf8,
    record: Column.utf8,
    doubles: Column.list("float32"),
    longList: Column.list("int32"),
    holes: Column.int32,
    inner: Column.list("int32"),
    pierced: Column.tensor("float32", [2]),
    turned: Column.tensor("float32", [3, 2]),
    shaped: Column.tensor("float32", [2, 3]),
    nothing: Column.int32,
    absent: Column.bool,
  }
  for (const name of ["odd.arrow", "odd-stream.arrow"])
    await said(
      name,
      odd,
      "column 'large' is Arrow LargeUtf8, wanted utf8; cast it to utf8 (pyarrow: column.cast(pa.string()))",
      "column 'wide' is int64, wanted int32; cast it",
      "column 'narrow' is Arrow Int16, wanted int32",
      "column 'unsigned' is Arrow Uint32, wanted int32",
      "column 'half' is Arrow Float16, wanted float32",
      "column 'when' is Arrow Timestamp<MICROSECOND, UTC>, wanted int64",
      "column 'day' is Arrow Date32<DAY>, wanted int32",
      "column 'money' is Arrow Decimal",
      "column 'mapped' is Arrow Map",
      "column 'record' is Arrow Struct",
      "column 'doubles' is Arrow List<Float64>, wanted list of float32",
      "column 'longList' is Arrow LargeList",
      "column 'holes' holds nulls, and may not",
      "column 'inner' is Arrow List<Int32> with nulls inside its rows, wanted list of int32; fill them, or drop these rows",
      "column 'pierced' is Arrow FixedSizeList[2]<Float32> with nulls inside its rows, wanted tensor float32[2]",
      "column 'turned' is Arrow arrow.fixed_shape_tensor that isn't row-major, wanted tensor float32[3, 2]",
      "column 'shaped': dimension 0 is 3, wanted 2",
      "column 'nothing' is nullable Arrow Null, wanted int32",
      "column 'absent' is missing (bool)",
    )
  await said("string-view.arrow", {}, "column 'seen' is Arrow Utf8View")
  await said("runs.arrow", {}, "runs")
  await said("lz4.arrow", {}, "LZ4", "write it with zstd or without compression")
  await said("replaced.arrow", {}, "it replaces a dictionary midway")
}

/** Digests don't see who wrote a table, nor how it was cut, packed and coded. */
const rewritten = async (folder: string, check: Check) => {
  for (const name of ["few", "none", "many"]) {
    const digest = digestOf(await Effect.runPromise(readArrow(join(folder, `${name}.arrow`))))
    for (const how of ["file", "stream", "zstd"]) {
      const table = await Effect.runPromise(readArrow(join(folder, `${name}.again-${how}`)))
      check(`${name} as pyarrow wrote it again (${how})`, digestOf(table), digest)
    }
  }
}

/** A file through the stage that a pipeline reads it with. */
const stage = (path: string, parameters: object = {}) => {
  const bytes = Effect.sync(() => new Uint8Array(readFileSync(path)))
  const given = { inputs: {}, sources: { file: { path, digest: "", bytes } } }
  return Effect.flatMap(Schema.decodeUnknownEffect(readTable.schema)({ path, ...parameters }), (decoded) =>
    readTable.run({ parameters: decoded, ...given } as never),
  ) as unknown as Effect.Effect<{ readonly table: Table<any> }, { readonly message: string }>
}

/** What `relent table --export` wrote comes back through `read-table`, with the types that `--schema` prints. */
const exported = async (folder: string, check: Check) => {
  const declared = Object.entries(Everything.columns).map(([name, column]) => [name, show(column)] as const)
  const rows = rowsOf(23)
  for (const kind of ["arrow", "parquet", "csv"]) {
    // CSV has no bytes, and one kind of nothing: a text that may be missing comes back missing.
    const known = declared.filter(([name]) => kind !== "csv" || !/bytes|maybeText/i.test(name))
    const columns = Object.fromEntries(known)
    const { table } = await Effect.runPromise(stage(join(folder, `everything.${kind}`), { columns }))
    const types = Object.fromEntries(
      Object.entries(columnsOf(table.arrow)).map(([name, column]) => [name, show(column)]),
    )
    check(`${kind} exported: types`, types, columns)
    const found = [...table.rows]
    for (const [name] of known) {
      const cells = (all: ReadonlyArray<object>) =>
        all.map((row) => encodeCell(Everything.columns[name as "id"].kind, (row as never)[name]))
      check(`${kind} exported: ${name}`, cells(found), cells(rows))
    }
  }
}

/** pyarrow's files through that stage. */
const readTableFiles = async (folder: string, check: Check) => {
  const at = (name: string) => join(folder, name)
  const table = async (name: string, parameters?: object) =>
    (await Effect.runPromise(stage(at(name), parameters))).table
  for (const how of ["snappy", "gzip", "zstd", "brotli", "none", "delta", "empty"])
    compare(`parquet-${how}.parquet`, folder, await table(`parquet-${how}.parquet`), check)
  const declared = Object.fromEntries(
    Object.entries(columns).map(([name, column]) => [name, show(column).replace("one", "1").replace("width", "2")]),
  )
  compare("parquet-tensors.parquet", folder, await table("parquet-tensors.parquet", { columns: declared }), check)
  for (const name of ["coded", "coded-stream", "delta"])
    compare(`${name}.arrow`, folder, await table(`${name}.arrow`), check)
  const { flag, single, double, text } = declared
  const typed = {
    flag,
    single,
    double,
    text,
    long: "int64",
    maybeFlag: "nullable bool",
    maybeInt: "nullable int32",
    maybeText: "nullable utf8",
  }
  compare("csv.csv", folder, await table("csv.csv", { columns: typed }), check)
  for (const [name, ...parts] of [
    [
      "parquet-odd.parquet",
      "column 'when': wanted a type that tables hold, found Parquet INT64 (TIMESTAMP)",
      "column 'money': wanted",
    ],
    ["parquet-lz4.parquet", "wanted a sound Parquet file, found parquet unsupported compression codec: LZ4"],
    ["odd.arrow", "column 'when': wanted a type that tables hold, found Arrow Timestamp"],
  ] as const) {
    const message = await refusal(stage(at(name)))
    for (const part of parts) check(`${name} says '${part}'`, message.includes(part) ? part : message, part)
  }
}

export const readTheirs = async (ours: string, theirs: string, exports: string, check: Check) => {
  await exported(exports, check)
  await arrowFiles(theirs, check)
  await rewritten(ours, check)
  await readTableFiles(theirs, check)
}
