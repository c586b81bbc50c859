/**
 * The canonical form of a table: one byte sequence for one logical content.
 * A fixed rule for batches, zeros in null slots, no dictionaries, no compression, no slice offsets, sorted metadata.
 */
import * as A from "apache-arrow"
import { batchOf, dataOf, nullableData } from "./build.ts"
import { TableMismatch } from "./check.ts"
import { type Column, product } from "./column.ts"
import { columnOf, fieldOf } from "./field.ts"
import { columnView } from "./table.ts"

/** Values of a batch come to about this much, as far as the schema tells. */
const batchBytes = 16 * 1024 * 1024
const mostRows = 65_536

const widths: { readonly [type: string]: number } = { bool: 1, uint8: 1, int32: 4, float32: 4, int64: 8, float64: 8 }

/** Bytes of a row, by the schema alone: texts and lists count as 64. */
const rowBytes = (columns: ReadonlyArray<Column>): number =>
  columns.reduce((sum, c) => sum + (c.shape ? product(c.shape) * widths[c.dtype!]! : (widths[c.kind] ?? 64)), 0)

/** Rows of every batch but the last: it follows from the schema, so that equal tables have equal batches. */
export const rowsPerBatch = (columns: ReadonlyArray<Column>): number =>
  Math.max(1, Math.min(mostRows, Math.floor(batchBytes / Math.max(1, rowBytes(columns)))))

const sorted = (metadata: ReadonlyMap<string, string>) =>
  new Map([...metadata].toSorted(([a], [b]) => (a < b ? -1 : 1)))

/** A text column held as codes and a dictionary is a text column. */
const plain = (field: A.Field): A.Field =>
  A.DataType.isDictionary(field.type) && A.DataType.isUtf8(field.type.dictionary)
    ? new A.Field(field.name, new A.Utf8(), field.nullable, field.metadata)
    : field

const canonicalField = (field: A.Field): A.Field => {
  const column = columnOf(field)
  const { type, metadata, name, nullable } = column.kind.startsWith("Arrow ") ? field : fieldOf(field.name, column)
  return new A.Field(name, type, nullable, sorted(new Map([...field.metadata, ...metadata])))
}

export interface Canonical {
  readonly schema: A.Schema
  /** The canonical batches, made when asked for; at least one, so that an empty table keeps its schema. */
  readonly batches: Iterable<A.RecordBatch>
}

/**
 * The canonical form of a table.
 *
 * @throws TableMismatch for a column of a type that tables don't use.
 */
export const canonical = (table: A.Table): Canonical => {
  const fields = table.schema.fields.map(plain)
  const columns = fields.map(columnOf)
  const foreign = columns.flatMap((c, i) =>
    c.kind.startsWith("Arrow ") ? [`column '${fields[i]!.name}' is ${c.kind}; cast it to a type of relent's`] : [],
  )
  if (foreign.length > 0) throw new TableMismatch({ schema: "a stored table", problems: foreign })
  const schema = new A.Schema(fields.map(canonicalField), sorted(table.schema.metadata))
  const rows = rowsPerBatch(columns)
  const chunk = (part: A.Table, i: number): A.Data => {
    const vector = part.getChildAt(i)!
    const isCoded = A.DataType.isDictionary(vector.type)
    const values = isCoded ? [...vector] : columnView(vector, columns[i]!)
    const { type } = schema.fields[i]!
    return columns[i]!.nullable
      ? nullableData(columns[i]!, type, values)
      : dataOf(columns[i]!, type, values, part.numRows)
  }
  const batches = function* () {
    for (let from = 0; from === 0 || from < table.numRows; from += rows) {
      const length = Math.min(rows, table.numRows - from)
      const part = from === 0 && length === table.numRows ? table : table.slice(from, from + length)
      yield batchOf(
        schema,
        columns.map((_, i) => chunk(part, i)),
        length,
      )
    }
  }
  return { schema, batches: { [Symbol.iterator]: batches } }
}
