/** Tables as files for other tools: Arrow, Parquet, CSV. */
import { readFile, writeFile } from "node:fs/promises"
import { extname } from "node:path"
import { type Column, columnsOf, encodeTable, view } from "@relent/arrow"
import type { Table } from "apache-arrow"
import { Effect } from "effect"
import type { SchemaElement } from "hyparquet-writer"
import { because, Mistake } from "./mistake.ts"

/** A value of one cell, as JSON and a terminal show it. */
export const flat = (value: unknown): string | number | boolean =>
  typeof value === "number" || typeof value === "boolean" || typeof value === "string"
    ? value
    : ArrayBuffer.isView(value) || Array.isArray(value)
      ? JSON.stringify(Array.from(value as ArrayLike<unknown>))
      : value === null || value === undefined
        ? ""
        : `${value as bigint}`

const digits = (value: unknown) => (Object.is(value, -0) ? "-0" : `${value as number}`)

/** JSON has no NaN, no infinity and, as JavaScript writes it, no -0: in lists they are texts. */
const item = (value: unknown) =>
  typeof value === "number" && (!Number.isFinite(value) || Object.is(value, -0)) ? digits(value) : value

/** A cell of a text file from which every number comes back; only what is missing is empty without quotes. */
const cell = (value: unknown): string | null => {
  if (value === null) return null
  const list = ArrayBuffer.isView(value) || Array.isArray(value)
  return list ? JSON.stringify(Array.from(value as Array<unknown>, item)) : digits(value)
}

const csvOf = async (table: Table): Promise<string> => {
  const { stringify } = await import("csv-stringify/sync")
  const names = table.schema.fields.map((f) => f.name)
  const rows = [...view(table).rows].map((row) => names.map((name) => cell(row[name])))
  return stringify([names, ...rows], { quoted_match: [/^$/] })
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

const parquetOf = async (table: Table): Promise<Uint8Array> => {
  const { parquetWriteBuffer } = await import("hyparquet-writer")
  const columns = Object.entries(columnsOf(table))
  const rows = [...view(table).rows]
  // Lists must be arrays, bytes must not.
  const plain = (value: unknown, { kind }: Column) =>
    ArrayBuffer.isView(value) && kind !== "binary" ? Array.from(value as Float32Array) : value
  // As Arrow's own libraries do it: what Parquet has no type for, such as a tensor's shape, is in the Arrow schema.
  const head = encodeTable(table).next().value as Uint8Array
  return new Uint8Array(
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
  )
}

const formats: { readonly [format: string]: (table: Table, object: string) => Promise<string | Uint8Array> } = {
  csv: csvOf,
  arrow: (_, object) => readFile(object),
  parquet: parquetOf,
  safetensors: async (table) => {
    const { weightsFile } = await import("@relent/exchange")
    return Effect.runPromise(weightsFile(table))
  },
}

/** Writes a stored table to a file, by its ending, or in a format to standard output. `object` is its file in the store. */
export const exportTo = (target: string, table: Table, object: string): Effect.Effect<void, Mistake> =>
  Effect.gen(function* () {
    const isFormat = Object.hasOwn(formats, target)
    const format = isFormat ? target : extname(target).slice(1)
    if (!Object.hasOwn(formats, format))
      return yield* new Mistake({
        message: `--export ${target}: wants csv, arrow, parquet or safetensors, or a file with such an ending`,
      })
    if (isFormat && format !== "csv" && process.stdout.isTTY)
      return yield* new Mistake({
        message: `--export ${target}: a terminal can't show it`,
        hint: `give a file (--export table.${target}), or a pipe`,
      })
    const bytes = yield* Effect.tryPromise({
      try: () => formats[format]!(table, object),
      catch: (error) => new Mistake({ message: `--export ${target}: ${because(error)}` }),
    })
    if (isFormat) return void process.stdout.write(bytes)
    yield* Effect.tryPromise({
      try: () => writeFile(target, bytes),
      catch: (error) => new Mistake({ message: `${target}: ${because(error)}` }),
    })
    console.log(`${table.numRows} rows in ${target}`)
  })
