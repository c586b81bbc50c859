/** A table that was checked: typed columns on Arrow's own buffers, whole or batch by batch. */
import * as A from "apache-arrow"
import {
  type Column,
  type Columns,
  isForeign,
  makeColumn,
  nullsInside,
  product,
  type Row,
  typedArrays,
  type Views,
} from "./column.ts"
import { columnOf, columnsOf } from "./field.ts"

/** An Arrow table that was checked against a schema. Extra columns are kept. */
export interface Table<C extends Columns> {
  readonly arrow: A.Table
  readonly length: number
  /** Whole columns, read when asked for: on Arrow's buffers where the table has one batch, else joined. */
  readonly columns: Views<C>
  /** The rows, one object each: for few rows, and for people. */
  readonly rows: Iterable<Row<C>>
  /** The record batches, each a table by itself and without a copy. */
  readonly batches: ReadonlyArray<Table<C>>
}

/** Anything that reads bit `i` of a little-endian bitmap; an empty bitmap says that all are set. */
const bit = (bitmap: Uint8Array | null | undefined, i: number) =>
  bitmap === null || bitmap === undefined || bitmap.length === 0 || ((bitmap[i >> 3]! >> (i & 7)) & 1) === 1

/** The elements of a numeric chunk, without padding. */
const elementsOf = (data: A.Data, count: number): ArrayLike<unknown> => data.values.subarray(0, count)

/** The rows of a chunk of a list or of texts: cut by offsets. */
const cut = <V>(data: A.Data, take: (from: number, to: number) => V): ReadonlyArray<V> =>
  Array.from({ length: data.length }, (_, i) => take(data.valueOffsets[i], data.valueOffsets[i + 1]))

const decoder = new TextDecoder()

/** One chunk of a column, as the view of its kind, nulls not looked at. */
const chunkOf = (data: A.Data, column: Column): ArrayLike<unknown> => {
  switch (column.kind) {
    case "bool":
      return Array.from({ length: data.length }, (_, i) => bit(data.values as Uint8Array, data.offset + i))
    case "utf8":
      return cut(data, (from, to) => decoder.decode(data.values.subarray(from, to)))
    case "binary":
      return cut(data, (from, to) => data.values.subarray(from, to))
    case "list": {
      const items = data.children[0]!
      const all = chunkOf(items, { ...column, kind: column.item! })
      return cut(data, (from, to) =>
        ArrayBuffer.isView(all) ? (all as Float32Array).subarray(from, to) : (all as Float32Array).slice(from, to),
      )
    }
    case "tensor": {
      const size = product(column.shape!)
      return elementsOf(data.children[0]!, data.length * size)
    }
    default:
      return elementsOf(data, data.length)
  }
}

/** A chunk with `null` where the validity bitmap says so. Tensors are cut into rows for it. */
const withNulls = (data: A.Data, column: Column): ReadonlyArray<unknown> => {
  const flat = chunkOf(data, column) as Float32Array
  const size = column.shape ? product(column.shape) : 1
  const row = (i: number): unknown => (column.shape ? flat.subarray(i * size, (i + 1) * size) : flat[i])
  return Array.from({ length: data.length }, (_, i) => (bit(data.nullBitmap, data.offset + i) ? row(i) : null))
}

type Numbers = Float32Array
const join = (chunks: ReadonlyArray<ArrayLike<unknown>>): ArrayLike<unknown> => {
  const [first] = chunks
  if (!ArrayBuffer.isView(first)) return chunks.flatMap((c) => c as ReadonlyArray<unknown>)
  const all = new (first.constructor as typeof Float32Array)(chunks.reduce((n, c) => n + c.length, 0))
  chunks.reduce((at, c) => (all.set(c as Numbers, at), at + c.length), 0)
  return all
}

const empty = (column: Column): ArrayLike<unknown> => {
  const type = column.dtype ?? column.kind
  if (type === "int64") return new BigInt64Array(0)
  return type in typedArrays && !column.nullable ? new typedArrays[type as keyof typeof typedArrays](0) : []
}

/** Values of a type that only Arrow knows; undefined where even it can't give one, such as a date beyond its years. */
const foreignValues = (vector: A.Vector): ReadonlyArray<unknown> =>
  Array.from({ length: vector.length }, (_, i): unknown => {
    try {
      return vector.get(i)
    } catch {
      return undefined
    }
  })

/** A whole column. `nullable` decides the view: rows or `null`, else the plain elements. */
export const columnView = (vector: A.Vector, column: Column): ArrayLike<unknown> => {
  if (isForeign(column)) return foreignValues(vector)
  const chunks = vector.data.map((data) => (column.nullable ? withNulls(data, column) : chunkOf(data, column)))
  return chunks.length === 0 ? empty(column) : chunks.length === 1 ? chunks[0]! : join(chunks)
}

/** Whether a row that has a value holds elements that have none. What lies under a row without a value doesn't count. */
const hasNullsInside = (data: A.Data): boolean => {
  const elements = data.children[0]
  if (elements === undefined || elements.nullCount === 0) return false
  const size = A.DataType.isFixedSizeList(data.type) ? data.type.listSize : undefined
  for (let row = 0; row < data.length; row++) {
    if (!bit(data.nullBitmap, data.offset + row)) continue
    const from = size === undefined ? data.valueOffsets[row]! : row * size
    const to = size === undefined ? data.valueOffsets[row + 1]! : from + size
    for (let at = from; at < to; at++) if (!bit(elements.nullBitmap, elements.offset + at)) return true
  }
  return false
}

/** The columns of a table as they are, with `nullable` only where a null is. */
export const heldColumns = (table: A.Table): Columns =>
  Object.fromEntries(
    table.schema.fields.map((field, i) => {
      const pieces = table.batches.flatMap((batch) => batch.getChildAt(i)?.data ?? [])
      const nullable = pieces.some(({ nullCount }) => nullCount > 0)
      const column = columnOf(field)
      const holes = (column.kind === "list" || column.kind === "tensor") && pieces.some(hasNullsInside)
      return [
        field.name,
        holes ? makeColumn({ kind: `Arrow ${String(field.type)}${nullsInside}`, nullable }) : { ...column, nullable },
      ]
    }),
  )

/** Reads by batch: a table of many isn't joined for it. */
const rowsOf = function* (table: A.Table, columns: Columns) {
  for (const batch of table.batches) {
    const readers = Object.entries(columns).map(([name, column]) => {
      const view = columnView(batch.getChild(name)!, column) as Float32Array
      const size = column.shape ? product(column.shape) : 1
      const inTensor = column.shape !== undefined && !column.nullable
      return [name, (i: number) => (inTensor ? view.subarray(i * size, (i + 1) * size) : view[i])] as const
    })
    for (let i = 0; i < batch.numRows; i++) yield Object.fromEntries(readers.map(([name, read]) => [name, read(i)]))
  }
}

/** Views a table through these columns (by default all it has); rows and columns are read when asked for. */
export const view = <C extends Columns>(arrow: A.Table, declared?: C): Table<C> => {
  const columns = { ...columnsOf(arrow) } as Record<string, Column>
  // A field may be declared nullable and hold no null: what the schema says decides how it is seen.
  for (const [name, column] of Object.entries(declared ?? {}))
    columns[name] = { ...columns[name]!, nullable: column.nullable }
  const views: Record<string, unknown> = {}
  for (const [name, column] of Object.entries(columns)) {
    let known: ArrayLike<unknown> | undefined
    Object.defineProperty(views, name, {
      enumerable: true,
      get: () => (known ??= columnView(arrow.getChild(name)!, column)),
    })
  }
  let batches: ReadonlyArray<Table<C>> | undefined
  return {
    arrow,
    length: arrow.numRows,
    columns: views as Views<C>,
    get rows() {
      return rowsOf(arrow, columns) as Iterable<Row<C>>
    },
    get batches() {
      return (batches ??= arrow.batches.map((batch) => view(new A.Table(arrow.schema, [batch]), declared)))
    },
  }
}
