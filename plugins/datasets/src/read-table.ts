/** The user's own file as a table. */
import { orElse } from "@relent/named"
import { extname } from "node:path"
import { Column, type Columns } from "@relent/arrow"
import { Port, Stage } from "@relent/stage"
import { Schema } from "effect"
import { readArrow } from "./file/arrow.ts"
import { ColumnType, parseColumn } from "./file/column-type.ts"
import { readCsv } from "./file/csv.ts"
import { FileInvalid } from "./file/error.ts"
import { readParquet } from "./file/parquet.ts"
import { tableOf } from "./file/table.ts"

const columnsOf = (declared: { readonly [name: string]: string } | undefined): Columns | undefined =>
  declared && Object.fromEntries(Object.entries(declared).map(([name, type]) => [name, parseColumn(type)!]))

/**
 * Reads Arrow IPC (`.arrow`, `.feather`, `.ipc`), Parquet (`.parquet`), CSV (`.csv`) or TSV (`.tsv`). With `columns` only
 * those are read, and each value must be of its type; without, types follow from the file. Rows without a column `id`
 * are numbered from 0. Fails with `FileInvalid`, which names row and column, and what was wanted and found there.
 *
 * @reference none: data handling
 */
export const readTable = Stage.make("datasets/read-table", {
  module: import.meta.url,
  title: "Your own file: Arrow, Parquet, CSV",
  parameters: {
    path: Schema.NonEmptyString.annotate({ description: "relative to the document" }),
    columns: Schema.optionalKey(
      Schema.Record(Schema.String, ColumnType)
        .check(
          Schema.makeFilter(({ id }) => id === undefined || id === "int32" || "'id' is int32: rows are joined by it"),
        )
        .annotate({
          description: "the columns to read, with types as `relent table --schema` prints them; all if not given",
        }),
    ),
    delimiter: Schema.optionalKey(
      Schema.String.check(Schema.isPattern(/^.$/s, { message: "wants one character" })).annotate({
        description: "of CSV: comma if not given, tab in .tsv",
      }),
    ),
    missing: orElse(Schema.Array(Schema.String).annotate({ description: "of CSV: cells that hold no value" }), [""]),
  },
  sources: ({ path }) => ({ file: { path } }),
  // Without declared columns no more is known before the file is read.
  outputs: { table: Port.computed(({ columns }) => ({ id: Column.int32, ...columnsOf(columns) })) },
  *run({ parameters: { path, columns, delimiter, missing }, sources }) {
    const source = sources["file"]!
    const declared = columnsOf(columns)
    const wanted = declared && new Set(["id", ...Object.keys(declared)])
    const kind = extname(path).toLowerCase()
    const read = {
      ".arrow": () => readArrow(path, source.path, wanted),
      ".feather": () => readArrow(path, source.path, wanted),
      ".ipc": () => readArrow(path, source.path, wanted),
      ".parquet": () => readParquet(path, source, wanted),
      ".csv": () => readCsv(path, source, { delimiter: delimiter ?? ",", missing }, wanted),
      ".tsv": () => readCsv(path, source, { delimiter: delimiter ?? "\t", missing }, wanted),
    }[kind]
    if (read === undefined)
      return yield* new FileInvalid({
        file: path,
        problems: [
          { wanted: ".arrow, .feather, .ipc, .parquet, .csv or .tsv", found: kind === "" ? "no ending" : kind },
        ],
      })
    return { table: yield* tableOf(path, yield* read(), declared) }
  },
})
