/** Builds Arrow tables from columns, without copying arrays that have the right type already. */
import * as A from "apache-arrow"
import { resolve, type Sizes, TableMismatch } from "./check.ts"
import { type Column, type Columns, type Dtype, product, typedArrays } from "./column.ts"
import { fieldOf } from "./field.ts"

const encoder = new TextEncoder()

/** A value that a column can't hold, in words. */
class Unfit {
  readonly reason: string
  constructor(reason: string) {
    this.reason = reason
  }
}

const integer = (min: number, max: number) => (v: unknown, i: number) => {
  if (typeof v !== "number" || !Number.isInteger(v) || v < min || v > max) throw new Unfit(`row ${i} is ${String(v)}`)
}
const number = (v: unknown, i: number) => {
  if (typeof v !== "number") throw new Unfit(`row ${i} is ${String(v)}`)
}
const checks: { readonly [D in Dtype]: (v: unknown, i: number) => void } = {
  int32: integer(-(2 ** 31), 2 ** 31 - 1),
  uint8: integer(0, 255),
  float32: number,
  float64: number,
}

/** A typed array of the elements: the same one if it has the type, else checked and converted. */
const elements = (dtype: Dtype, values: ArrayLike<unknown>) => {
  const type = typedArrays[dtype]
  if (values instanceof type) return values
  for (let i = 0; i < values.length; i++) checks[dtype](values[i], i)
  return type.from(values as ArrayLike<number>)
}

const offsetsOf = (lengths: ReadonlyArray<number>) => {
  const offsets = new Int32Array(lengths.length + 1)
  lengths.forEach((length, i) => (offsets[i + 1] = offsets[i]! + length))
  return offsets
}

const bytes = (values: ArrayLike<unknown>, what: string): ReadonlyArray<Uint8Array> =>
  Array.from(values, (v, i) => {
    if (what === "utf8" && typeof v === "string") return encoder.encode(v)
    if (what === "binary" && v instanceof Uint8Array) return v
    throw new Unfit(`row ${i} is ${String(v)}`)
  })

const concat = (parts: ReadonlyArray<Uint8Array>, offsets: Int32Array) => {
  const all = new Uint8Array(offsets.at(-1)!)
  parts.forEach((part, i) => all.set(part, offsets[i]))
  return all
}

/** Little-endian bitmap of booleans. */
const bitmap = (flags: ReadonlyArray<boolean>) => {
  const bits = new Uint8Array(Math.ceil(flags.length / 8))
  flags.forEach((flag, i) => flag && (bits[i >> 3]! |= 1 << (i & 7)))
  return bits
}

const list = (column: Column, type: A.DataType, values: ArrayLike<unknown>): A.Data => {
  const rows = Array.from(values, (v, i) => {
    if (typeof v !== "object" || v === null || !("length" in v)) throw new Unfit(`row ${i} is ${String(v)}`)
    return v as ArrayLike<unknown>
  })
  const valueOffsets = offsetsOf(rows.map((row) => row.length))
  const items = rows.flatMap((row) => Array.from(row))
  const child = dataOf({ ...column, kind: column.item!, nullable: false }, (type.children[0] as A.Field).type, items)
  return A.makeData({ type: type as A.List, length: rows.length, nullCount: 0, valueOffsets, child })
}

/** The data of a column without nulls; a tensor column is given flat, or as rows. */
export const dataOf = (column: Column, type: A.DataType, values: ArrayLike<unknown>, rows = 0): A.Data => {
  const { length } = values
  const nullCount = 0
  switch (column.kind) {
    case "bool":
      return A.makeData({ type: type as A.Bool, length, nullCount, data: bitmap(Array.from(values, Boolean)) })
    case "utf8":
    case "binary": {
      const parts = bytes(values, column.kind)
      const valueOffsets = offsetsOf(parts.map((p) => p.length))
      return A.makeData({ type: type as A.Utf8, length, nullCount, valueOffsets, data: concat(parts, valueOffsets) })
    }
    case "list":
      return list(column, type, values)
    case "int64": {
      const data = values instanceof BigInt64Array ? values : BigInt64Array.from(values as ArrayLike<bigint>)
      return A.makeData({ type: type as A.Int64, length, nullCount, data })
    }
    case "tensor": {
      const size = product(column.shape!)
      const data = elements(column.dtype!, flatten(values))
      const child = A.makeData({
        type: type.children[0]!.type as A.Float32,
        length: data.length,
        nullCount,
        data: data as Float32Array,
      })
      return A.makeData({
        type: type as A.FixedSizeList,
        length: rowCount(column, values, size, rows),
        nullCount,
        child,
      })
    }
    default: {
      const data = elements(column.kind as Dtype, values) as Float32Array
      return A.makeData({ type: type as A.Float32, length, nullCount, data })
    }
  }
}

const isRows = (values: ArrayLike<unknown>): values is ArrayLike<ArrayLike<number>> =>
  !ArrayBuffer.isView(values) && typeof values[0] === "object" && values[0] !== null

const flatten = (values: ArrayLike<unknown>): ArrayLike<unknown> =>
  isRows(values) ? Array.from(values).flatMap((row) => Array.from(row)) : values

/** Rows of a tensor column: elements over the size of one; rows without elements are as many as elsewhere. */
const rowCount = (column: Column, values: ArrayLike<unknown>, size: number, rows: number): number => {
  const count = isRows(values) ? values.length : size > 0 ? values.length / size : rows
  if (!Number.isInteger(count))
    throw new Unfit(`${values.length} elements are no whole number of rows of [${column.shape!.join(", ")}]`)
  return count
}

/** Nulls become zeros (empty texts) under a validity bitmap. */
export const nullableData = (column: Column, type: A.DataType, values: ArrayLike<unknown>): A.Data => {
  const rows = Array.from(values)
  const present = rows.map((v) => v !== null && v !== undefined)
  const blank: unknown = column.shape
    ? Array.from({ length: product(column.shape) }, () => 0)
    : ({ bool: false, utf8: "", binary: new Uint8Array(0), list: [], int64: 0n }[column.kind] ?? 0)
  const data = dataOf(
    { ...column, nullable: false },
    type,
    rows.map((v, i) => (present[i] === true ? v : blank)),
  )
  const nullCount = present.filter((p) => !p).length
  return nullCount === 0
    ? data
    : data.clone(type, 0, rows.length, nullCount, [
        data.valueOffsets,
        data.values,
        bitmap(present),
        data.typeIds,
      ] as never)
}

/** Sizes of dimensions that follow from the data: a tensor column with one unknown size, beside a column with a known length. */
const inferSizes = (columns: Columns, data: { readonly [name: string]: ArrayLike<unknown> }, sizes: Sizes) => {
  const scalar = Object.entries(columns).find(([, c]) => c.shape === undefined)
  const known = (d: number | string) => typeof d === "number" || sizes.has(d)
  for (const [name, { shape }] of Object.entries(columns)) {
    const unknown = new Set(shape?.filter((d) => !known(d)))
    const [first] = unknown
    const values = data[name]
    if (first === undefined || unknown.size > 1 || values === undefined || shape!.filter((d) => d === first).length > 1)
      continue
    const rows = scalar ? (data[scalar[0]]?.length ?? 0) : isRows(values) ? values.length : 0
    const rest = product(shape!.map((d) => (d === first ? 1 : typeof d === "number" ? d : sizes.get(d)!)))
    const length = isRows(values) ? values[0]!.length * values.length : values.length
    if (length === 0) sizes.set(String(first), 0)
    else if (rows > 0 && rest > 0) sizes.set(String(first), length / rows / rest)
  }
}

/** A batch of these columns; the struct that Arrow wants around it stays here. */
export const batchOf = (schema: A.Schema, children: ReadonlyArray<A.Data>, length: number): A.RecordBatch => {
  const type = new A.Struct(schema.fields)
  return new A.RecordBatch(schema, A.makeData({ type, length, nullCount: 0, children: [...children] }) as never)
}

/**
 * Builds a table of one batch from whole columns. A tensor column is given flat, or as rows.
 * Every value that a column can't hold is told, by column and row; nothing is truncated.
 *
 * @throws TableMismatch
 */
export const build = (
  name: string,
  columns: Columns,
  data: { readonly [column: string]: ArrayLike<unknown> },
  metadata: { readonly [key: string]: string } = {},
  sizes: Sizes = new Map(),
): A.Table => {
  inferSizes(columns, data, sizes)
  const plain = Object.entries(columns).find(([, c]) => c.shape === undefined)
  const rows = plain === undefined ? 0 : (data[plain[0]]?.length ?? 0)
  const resolved = resolve(columns, sizes)
  const problems: Array<string> = []
  const children = Object.entries(resolved).flatMap(([key, column]): ReadonlyArray<readonly [string, A.Data]> => {
    const values = data[key]
    const open = column.shape?.filter((d) => typeof d === "string" || !Number.isInteger(d)) ?? []
    if (values === undefined) problems.push(`column '${key}' is missing`)
    else if (open.length > 0)
      problems.push(`column '${key}': the size of dimension '${open[0]}' doesn't follow from ${values.length} elements`)
    else
      try {
        const { type } = fieldOf(key, column)
        return [[key, column.nullable ? nullableData(column, type, values) : dataOf(column, type, values, rows)]]
      } catch (error) {
        if (!(error instanceof Unfit)) throw error
        problems.push(`column '${key}' (${column.dtype ?? column.kind}): ${error.reason}`)
      }
    return []
  })
  const length = children[0]?.[1].length ?? 0
  for (const [key, child] of children)
    if (child.length !== length)
      problems.push(`column '${key}' has ${child.length} rows, '${children[0]![0]}' has ${length}`)
  if (problems.length > 0) throw new TableMismatch({ schema: name, problems })
  const schema = new A.Schema(
    Object.entries(resolved).map(([key, column]) => fieldOf(key, column)),
    new Map(Object.entries({ "relent:schema": name, ...metadata })),
  )
  return new A.Table(schema, [
    batchOf(
      schema,
      children.map(([, child]) => child),
      length,
    ),
  ])
}
