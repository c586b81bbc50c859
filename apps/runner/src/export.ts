/** Tables as files for other tools: Arrow, Parquet, CSV. */
import { copyFileSync, writeFileSync } from "node:fs"
import { extname } from "node:path"
import { type Column, columnsOf, encodeTable, view } from "@relent/arrow"
import { objectPath } from "@relent/runtime"
import type { Table } from "apache-arrow"
import { Effect } from "effect"
import type { SchemaElement } from "hyparquet-writer"
import { Mistake } from "./application.ts"

/** A value of one cell, as JSON and a terminal show it. */
export const flat = (value: unknown): string | number | boolean =>
  typeof value === "number" || typeof value === "boolean" || typeof value === "string"
    ? value
    : ArrayBuffer.isView(value) || Array.isArray(value)
      ? JSON.stringify(Array.from(value as ArrayLike<unknown>))
      : value === null || value === undefined
        ? ""
        : `${value as bigint}`

/** JSON has no NaN and no infinity: in lists they are texts. */
const item = (value: unknown) => (typeof value === "number" && !Number.isFinite(value) ? `${value}` : value)

/** A cell of a text file from which every number comes back; only what is missing is empty without quotes. */
const cell = (value: unknown): string | null => {
  if (value === null) return null
  if (Object.is(value, -0)) return "-0"
  if (ArrayBuffer.isView(value) || Array.isArray(value))
    return JSON.stringify(Array.from(value as Array<unknown>, item))
  return `${value as number}`
}

const writeCsv = async (table: Table, file: string) => {
  const { stringify } = await import("csv-stringify/sync")
  const names = table.schema.fields.map((f) => f.name)
  const rows = [...view(table).rows].map((row) => names.map((name) => cell(row[name])))
  writeFileSync(file, stringify([names, ...rows], { quoted_match: [/^$/] }))
}

const leaves: { readonly [kind: string]: Pick<SchemaElement, "type" | "converted_type"> } = {
  bool: { type: "BOOLEAN" },
  uint8: { type: "INT32", converted_type: "UINT_8" },
  int32: { type: "INT32" },
  int64: { type: "INT64" },
  float32: { type: "FLOAT" },
  float64: { type: "DOUBLE" },
  utf8: { type: "BYTE_ARRAY", converted_type: "UTF8" },
  binary: { type: "BYTE_ARRAY" },
}

/** The elements of Parquet's schema for a column; a tensor is a list of its elements. */
const elementsOf = (name: string, { kind, nullable, item, dtype }: Column): ReadonlyArray<SchemaElement> => {
  const repetition_type = nullable ? "OPTIONAL" : "REQUIRED"
  const leaf = item ?? dtype
  if (leaf === undefined) return [{ name, repetition_type, ...leaves[kind] }]
  return [
    { name, repetition_type, num_children: 1, converted_type: "LIST" },
    { name: "list", repetition_type: "REPEATED", num_children: 1 },
    // pyarrow makes a tensor only of elements that could be null.
    { name: "element", repetition_type: dtype ? "OPTIONAL" : "REQUIRED", ...leaves[leaf] },
  ]
}

const isFloat = ({ kind, item, dtype }: Column) => (item ?? dtype ?? kind).startsWith("float")

const writeParquet = async (table: Table, file: string) => {
  const { parquetWriteBuffer } = await import("hyparquet-writer")
  const columns = Object.entries(columnsOf(table))
  const rows = [...view(table).rows]
  // Lists must be arrays, bytes must not.
  const plain = (value: unknown, { kind }: Column) =>
    ArrayBuffer.isView(value) && kind !== "binary" ? Array.from(value as Float32Array) : value
  // As Arrow's own libraries do it: what Parquet has no type for, such as a tensor's shape, is in the Arrow schema.
  const head = encodeTable(table).next().value as Uint8Array
  writeFileSync(
    file,
    new Uint8Array(
      parquetWriteBuffer({
        schema: [
          { name: "schema", num_children: columns.length },
          ...columns.flatMap(([name, column]) => elementsOf(name, column)),
        ],
        columnData: columns.map(([name, column]) => ({
          name,
          data: rows.map((row) => plain(row[name], column)),
          // A dictionary of the writer's holds 0 and -0 as one.
          ...(isFloat(column) && { encoding: "PLAIN" as const }),
        })),
        kvMetadata: [{ key: "ARROW:schema", value: Buffer.from(head.subarray(8)).toString("base64") }],
      }),
    ),
  )
}

/** Writes a stored table to a file whose ending names the format. */
export const exportTo = (file: string, table: Table, root: string, digest: string): Effect.Effect<void, Mistake> =>
  Effect.tryPromise({
    try: async () => {
      const kind = extname(file)
      if (kind === ".arrow") copyFileSync(objectPath(root, digest), file)
      else if (kind === ".csv") await writeCsv(table, file)
      else if (kind === ".parquet") await writeParquet(table, file)
      else throw new Mistake({ message: `--export ${file}: wants a file ending in .csv, .arrow or .parquet` })
    },
    catch: (error) =>
      error instanceof Mistake ? error : new Mistake({ message: `${file}: ${(error as Error).message}` }),
  })
