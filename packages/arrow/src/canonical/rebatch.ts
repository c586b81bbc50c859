/**
 * The canonical form of a table: one byte sequence for one logical content.
 * A fixed rule for batches, zeros in null slots, no dictionaries, no compression, no slice offsets, sorted metadata.
 */
import * as A from "apache-arrow"
import { batchOf, build } from "../build.ts"
import { TableMismatch } from "../check.ts"
import { Column, isForeign, product } from "../column.ts"
import { columnOf, fieldOf } from "../field.ts"
import { gather, Misplaced, type Segment } from "./gather.ts"

/** Values of a batch are at most this much, unless a single row is more. */
const batchBytes = 16 * 1024 * 1024
const mostRows = 65_536
/** Arrow's writer rounds lengths up in 32 bits: a longer buffer gets a negative length. */
const mostBytes = 2 ** 31 - 8

const widths: { readonly [type: string]: number } = { bool: 1, uint8: 1, int32: 4, float32: 4, int64: 8, float64: 8 }

/** Bytes of a row that the schema alone tells; a text, list or binary counts its offset here. */
const rowBytes = (columns: ReadonlyArray<Column>): number =>
  columns.reduce((sum, c) => sum + (c.shape ? product(c.shape) * widths[c.dtype!]! : (widths[c.kind] ?? 4)), 0)

/** Rows of every batch but the last where no column is of variable length; there a batch also ends before 16 MiB. */
export const rowsPerBatch = (columns: ReadonlyArray<Column>): number =>
  Math.max(1, Math.min(mostRows, Math.floor(batchBytes / Math.max(1, rowBytes(columns)))))

/** Bytes that row `row` adds to those of the schema: its text, its bytes, its items. */
const variableBytes = (data: A.Data, row: number): number => {
  const offsets = data.valueOffsets as Int32Array
  const from = offsets[row]!
  const to = offsets[row + 1]!
  if (to === from || !data.getValid(row)) return 0
  if (!A.DataType.isList(data.type)) return to - from
  const items = data.children[0]!
  if (!A.DataType.isUtf8(items.type)) return (to - from) * 4
  return (to - from) * 4 + items.valueOffsets[to]! - items.valueOffsets[from]!
}

const sorted = (metadata: ReadonlyMap<string, string>) =>
  new Map([...metadata].toSorted(([a], [b]) => (a < b ? -1 : 1)))

const isCoded = (type: A.DataType): boolean => A.DataType.isDictionary(type) && A.DataType.isUtf8(type.dictionary)

/** A text column held as codes and a dictionary is a text column. */
const plainField = (field: A.Field): A.Field =>
  isCoded(field.type) ? new A.Field(field.name, new A.Utf8(), field.nullable, field.metadata) : field

const plainData = (field: A.Field, data: A.Data): A.Data => {
  if (!isCoded(data.type)) return data
  const texts = build("a dictionary", { text: Column.nullable(Column.utf8) }, { text: [...new A.Vector([data])] })
  return texts.batches[0]!.data.children[0]!.clone(field.type)
}

const canonicalField = (field: A.Field): A.Field => {
  const { name, type, nullable, metadata } = fieldOf(field.name, columnOf(field))
  return new A.Field(name, type, nullable, sorted(new Map([...field.metadata, ...metadata])))
}

/**
 * The canonical schema of a table.
 *
 * @throws TableMismatch for a column of a type that tables don't use, and for two columns of one name.
 */
export const canonicalSchema = (schema: A.Schema): A.Schema => {
  const fields = schema.fields.map(plainField)
  const foreign = fields.flatMap((field) => {
    const column = columnOf(field)
    return isForeign(column) ? [`column '${field.name}' is ${column.kind}; cast it to a type of relent's`] : []
  })
  const names = fields.map(({ name }) => name)
  const twice = names.filter((name, i) => names.indexOf(name) !== i)
  const problems = [...foreign, ...twice.map((name) => `column '${name}' is there twice`)]
  if (problems.length > 0) throw new TableMismatch({ schema: "a stored table", problems })
  return new A.Schema(fields.map(canonicalField), sorted(schema.metadata))
}

/** Cuts batches as they come into canonical ones. Give it every batch in turn, then finish. */
export class Rebatcher {
  readonly schema: A.Schema
  readonly #rows: number
  readonly #variable: ReadonlyArray<number>
  readonly #rowBytes: number
  /** What the batch being filled holds so far: a row of columns for each piece. */
  #pieces: Array<{ readonly columns: ReadonlyArray<A.Data>; readonly from: number; readonly length: number }> = []
  #filled = 0
  #bytes = 0
  #given = 0

  constructor(schema: A.Schema) {
    this.schema = canonicalSchema(schema)
    const columns = this.schema.fields.map(columnOf)
    this.#rows = rowsPerBatch(columns)
    this.#rowBytes = rowBytes(columns)
    this.#variable = columns.flatMap((c, i) => (["utf8", "binary", "list"].includes(c.kind) ? [i] : []))
  }

  /** The canonical batches that are full now. */
  *push(batch: A.RecordBatch): Generator<A.RecordBatch> {
    this.#check(batch.schema)
    const columns = batch.data.children.map((data, i) => plainData(this.schema.fields[i]!, data))
    let from = 0
    while (from < batch.numRows) {
      const length = this.#fitting(columns, from, batch.numRows)
      if (length > 0) this.#pieces.push({ columns, from, length })
      this.#filled += length
      from += length
      if (from < batch.numRows || this.#filled === this.#rows) yield this.#flush()
    }
  }

  /** The rest, if any; an empty batch if there was no row at all, so that a table always has one. */
  *finish(): Generator<A.RecordBatch> {
    if (this.#filled > 0 || this.#given === 0) yield this.#flush()
  }

  /** Rows from `from` on that the batch being filled still takes. */
  #fitting(columns: ReadonlyArray<A.Data>, from: number, end: number): number {
    const most = Math.min(end - from, this.#rows - this.#filled)
    if (this.#variable.length === 0) return most
    for (let i = 0; i < most; i++) {
      const bytes = this.#variable.reduce((n, c) => n + variableBytes(columns[c]!, from + i), this.#rowBytes)
      if (this.#bytes + bytes > batchBytes && this.#filled + i > 0) return i
      this.#bytes += bytes
    }
    return most
  }

  #flush(): A.RecordBatch {
    const problems: Array<string> = []
    const children = this.schema.fields.flatMap((field, i): ReadonlyArray<A.Data> => {
      const segments = this.#pieces.map(({ columns, from, length }): Segment => ({ data: columns[i]!, from, length }))
      try {
        const data = gather(field, segments)
        const bytes = (data.values ?? data.children[0]!.values).byteLength
        if (bytes > mostBytes)
          throw new Misplaced(`has a row of ${bytes} bytes, the most is 2 GiB: cut it into several`)
        return [data]
      } catch (error) {
        if (!(error instanceof Misplaced)) throw error
        problems.push(`column '${field.name}' ${error.reason}`)
        return []
      }
    })
    if (problems.length > 0) throw new TableMismatch({ schema: "a stored table", problems })
    const batch = batchOf(this.schema, children, this.#filled)
    this.#pieces = []
    this.#filled = 0
    this.#bytes = 0
    this.#given++
    return batch
  }

  #check(schema: A.Schema): void {
    const show = (fields: ReadonlyArray<A.Field>) =>
      JSON.stringify(fields.map((f) => [f.name, String(f.type), f.nullable, ...f.metadata]))
    if (show(canonicalSchema(schema).fields) === show(this.schema.fields)) return
    const problem = `a batch has other columns than the first: ${schema.fields.map(String).join(", ")}`
    throw new TableMismatch({ schema: "a stored table", problems: [problem] })
  }
}
