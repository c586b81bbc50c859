/** Parquet, by hyparquet: plain columns and lists of them. */
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from "node:zlib"
import { Column } from "@relent/arrow"
import type { SourceFile, StageError } from "@relent/stage"
import { Effect } from "effect"
import { type Compressors, parquetMetadata, parquetScan, parquetSchema, type SchemaTree } from "hyparquet"
import type { FileContent, FoundColumn, Wanted } from "./content.ts"
import { FileInvalid } from "./error.ts"
import { checkFooter, checkPages } from "./parquet-pages.ts"

/** Snappy is hyparquet's own. */
const compressors: Compressors = {
  GZIP: (bytes, length) => gunzipSync(bytes, { maxOutputLength: Math.max(1, length) }),
  ZSTD: (bytes, length) => zstdDecompressSync(bytes, { maxOutputLength: Math.max(1, length) }),
  BROTLI: (bytes, length) => brotliDecompressSync(bytes, { maxOutputLength: Math.max(1, length) }),
}

const texts = ["UTF8", "ENUM"]
const integers: { readonly [converted: string]: Column } = {
  INT_8: Column.int32,
  UINT_8: Column.int32,
  INT_16: Column.int32,
  UINT_16: Column.int32,
  INT_32: Column.int32,
  UINT_32: Column.int64,
  INT_64: Column.int64,
  UINT_64: Column.int64,
}

const leaf = ({ element, children }: SchemaTree): Column | undefined => {
  const { type, converted_type: converted, logical_type: logical } = element
  if (children.length > 0) return undefined
  switch (type) {
    case "BOOLEAN":
      return Column.bool
    case "INT32":
    case "INT64": {
      const plain = type === "INT32" ? Column.int32 : Column.int64
      return converted === undefined
        ? logical === undefined || logical.type === "INTEGER"
          ? plain
          : undefined
        : integers[converted]
    }
    case "FLOAT":
      return Column.float32
    case "DOUBLE":
      return Column.float64
    case "BYTE_ARRAY":
      if (texts.includes(converted ?? "") || logical?.type === "STRING") return Column.utf8
      return converted === undefined && logical === undefined ? Column.binary : undefined
    case "FIXED_LEN_BYTE_ARRAY":
      return logical?.type === "FLOAT16"
        ? Column.float32
        : converted === undefined && logical === undefined
          ? Column.binary
          : undefined
    default:
      return undefined
  }
}

const columnOf = (tree: SchemaTree): Column | undefined => {
  if (tree.element.converted_type !== "LIST") return leaf(tree)
  const kind = tree.children[0]?.children[0] && leaf(tree.children[0].children[0])?.kind
  return kind === "int32" || kind === "float32" || kind === "utf8" ? Column.list(kind) : undefined
}

const typeOf = ({ element }: SchemaTree): string => {
  const word = element.logical_type?.type ?? element.converted_type
  return `Parquet ${[element.type, word && `(${word})`].filter(Boolean).join(" ")}`
}

/** Reads a Parquet file. */
export const readParquet = (
  file: string,
  source: SourceFile,
  wanted: Wanted,
): Effect.Effect<FileContent, FileInvalid | StageError> => {
  const unsound = (found: string) =>
    new FileInvalid({
      file,
      problems: [{ wanted: "a sound Parquet file", found }],
      hint: "was it cut off, or compressed with something other than snappy, gzip, zstd or brotli?",
    })
  return Effect.flatMap(source.bytes, (bytes) =>
    Effect.tryPromise({
      try: async () => {
        const whole = bytes.byteLength === bytes.buffer.byteLength ? bytes.buffer : new Uint8Array(bytes).buffer
        const all = new Uint8Array(whole)
        checkFooter(all)
        // Marking geometry walks as many columns as the schema claims.
        const metadata = parquetMetadata(whole, { geoparquet: false })
        const fields = parquetSchema(metadata).children.filter(({ element }) => wanted?.has(element.name) ?? true)
        checkPages(all, metadata, new Set(fields.map(({ element }) => element.name)), compressors)
        const scan = await parquetScan({ file: whole, metadata, compressors, utf8: false })
        const rows = Number(metadata.num_rows)
        const columns: Array<FoundColumn> = []
        for (const tree of fields) {
          const values: Array<unknown> = []
          const isFlat = tree.children.length === 0
          // Column after column: only one is held twice.
          for (const range of scan.ranges)
            for (const value of await scan.readColumn({ column: tree.element.name, ...range })) {
              // A null is null, but for a list; what a code means that its dictionary doesn't hold is undefined.
              if ((value === undefined && isFlat) || (Array.isArray(value) && value.includes(undefined)))
                throw unsound(`a column '${tree.element.name}' without some of its values`)
              values.push(value ?? null)
            }
          if (values.length !== rows)
            throw unsound(`a column '${tree.element.name}' of ${values.length} rows, not ${rows}`)
          const known = columnOf(tree)
          const inferred = known && values.includes(null) ? Column.nullable(known) : known
          columns.push({ name: tree.element.name, type: typeOf(tree), inferred, values })
        }
        return { rows, columns }
      },
      // hyparquet has no errors of its own: whatever it throws is about these bytes.
      catch: (error) =>
        error instanceof FileInvalid
          ? error
          : unsound(bytes.length === 0 ? "an empty file" : error instanceof Error ? error.message : String(error)),
    }),
  )
}
