/** Builds Arrow tables from columns, without copying arrays that have the right type already. */
import * as A from "apache-arrow"
import { resolve, type Sizes, TableMismatch } from "./check.ts"
import { type Column, type Columns, type Dtype, product, show } from "./column.ts"
import { fieldOf } from "./field.ts"
import { numbers, Unfit, write, zeros } from "./number.ts"

type Values = ArrayLike<unknown>

const isNull = (value: unknown): boolean => value === null || value === undefined

/** Little-endian bits, set where `flag` says so. */
const bitmap = (rows: number, flag: (row: number) => boolean): Uint8Array => {
  const bits = new Uint8Array(Math.ceil(rows / 8))
  for (let row = 0; row < rows; row++) if (flag(row)) bits[row >> 3]! |= 1 << (row & 7)
  return bits
}

/** Where each row's piece ends, given the pieces' lengths. */
const offsetsOf = (rows: number, length: (row: number) => number): Int32Array => {
  const offsets = new Int32Array(rows + 1)
  let end = 0
  for (let row = 0; row < rows; row++) {
    end += length(row)
    if (end >= 2 ** 31) throw new Unfit("it holds 2 GiB or more: build several tables and write them as a stream")
    offsets[row + 1] = end
  }
  return offsets
}

/** Texts as UTF-8 and the offsets of their pieces; half of a surrogate pair isn't text. */
const textData = (rows: number, text: (row: number) => unknown) => {
  const valueOffsets = offsetsOf(rows, (row) => {
    const value = text(row)
    if (typeof value !== "string" || !value.isWellFormed()) throw Unfit.at(row, value)
    return Buffer.byteLength(value)
  })
  const bytes = Buffer.alloc(valueOffsets[rows]!)
  for (let row = 0; row < rows; row++) bytes.write(text(row) as string, valueOffsets[row]!)
  return { valueOffsets, data: new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength) }
}

const listChild = (
  item: "int32" | "float32" | "utf8",
  type: A.DataType,
  rows: number,
  list: (row: number) => Values,
) => {
  const valueOffsets = offsetsOf(rows, (row) => {
    const value: unknown = list(row)
    if (!Array.isArray(value) && !ArrayBuffer.isView(value)) throw Unfit.at(row, value)
    return (value as unknown as Values).length
  })
  const length = valueOffsets[rows]!
  if (item === "utf8") {
    const all: Array<unknown> = []
    for (let row = 0; row < rows; row++) for (const text of Array.from(list(row))) all.push(text)
    const child = A.makeData({ type: type as A.Utf8, length, nullCount: 0, ...textData(length, (i) => all[i]) })
    return { valueOffsets, child }
  }
  const data = zeros(item, length)
  for (let row = 0; row < rows; row++) write(item, data, valueOffsets[row]!, list(row), row, Number.POSITIVE_INFINITY)
  return {
    valueOffsets,
    child: A.makeData({ type: type as A.Float32, length, nullCount: 0, data: data as Float32Array }),
  }
}

/** The first value that isn't null. */
const firstOf = (values: Values): unknown => Array.prototype.find.call(values, (value) => !isNull(value))

/** Whether a tensor column is given as elements, rather than as rows. */
const isFlat = (values: Values): boolean => ArrayBuffer.isView(values) || typeof firstOf(values) === "number"

/** The elements of a tensor column, given flat or as rows; zeros where there is no row. */
const elements = (column: Column, rows: number, values: Values, valid: (row: number) => boolean) => {
  const dtype = column.dtype!
  const size = product(column.shape!)
  if (isFlat(values)) return numbers(dtype, values, size)
  const all = zeros(dtype, rows * size)
  for (let row = 0; row < rows; row++) {
    if (!valid(row)) continue
    const tensor = values[row] as Values
    if (isNull(tensor) || typeof tensor !== "object") throw Unfit.at(row, tensor)
    if (tensor.length !== size) throw new Unfit(`row ${row} has ${tensor.length} elements, wanted ${size}`)
    write(dtype, all, row * size, tensor, row, Number.POSITIVE_INFINITY)
  }
  return all
}

/** The buffers of a column of `rows` rows. Throws `Unfit`. */
const dataOf = (column: Column, type: A.DataType, values: Values, rows: number): A.Data => {
  const anyNull = column.nullable && !ArrayBuffer.isView(values) && Array.prototype.some.call(values, isNull)
  const valid = (row: number) => !anyNull || !isNull(values[row])
  const bits = anyNull ? { nullBitmap: bitmap(rows, valid), nullCount: -1 } : { nullCount: 0 }
  const data = (buffers: object): A.Data => A.makeData({ type, length: rows, ...bits, ...buffers } as never)
  const or = (blank: unknown) => (row: number) => (valid(row) ? values[row] : blank)
  switch (column.kind) {
    case "bool": {
      const value = or(false)
      return data({
        data: bitmap(rows, (row) => {
          const flag = value(row)
          if (typeof flag !== "boolean" && flag !== 0 && flag !== 1) throw Unfit.at(row, flag)
          return Boolean(flag)
        }),
      })
    }
    case "int64": {
      if (values instanceof BigInt64Array) return data({ data: values })
      const value = or(0n)
      return data({
        data: BigInt64Array.from({ length: rows }, (_, row) => {
          const integer = value(row)
          if (typeof integer !== "bigint" || BigInt.asIntN(64, integer) !== integer) throw Unfit.at(row, integer)
          return integer
        }),
      })
    }
    case "utf8":
      return data(textData(rows, or("")))
    case "binary": {
      const bytes = or(new Uint8Array(0)) as (row: number) => Uint8Array
      const valueOffsets = offsetsOf(rows, (row) => {
        if (!(bytes(row) instanceof Uint8Array)) throw Unfit.at(row, bytes(row))
        return bytes(row).length
      })
      const all = new Uint8Array(valueOffsets[rows]!)
      for (let row = 0; row < rows; row++) all.set(bytes(row), valueOffsets[row])
      return data({ valueOffsets, data: all })
    }
    case "list":
      return data(listChild(column.item!, type.children[0]!.type, rows, or([]) as (row: number) => Values))
    case "tensor": {
      const all = elements(column, rows, values, valid)
      const child = { type: type.children[0]!.type, length: all.length, nullCount: 0, data: all }
      return data({ child: A.makeData(child as never) })
    }
    default:
      return data({
        data: numbers(column.kind as Dtype, anyNull ? Array.from({ length: rows }, (_, i) => or(0)(i)) : values),
      })
  }
}

/** Rows in what is given of a column; undefined if elements are given whose number in a row is 0 or not known. */
const countRows = ({ kind, shape }: Column, values: Values, sizes: Sizes): number | undefined => {
  if (kind !== "tensor" || !isFlat(values)) return values.length
  const size = product(shape!.map((d) => (typeof d === "number" ? d : (sizes.get(d) ?? Number.NaN))))
  return size > 0 ? values.length / size : undefined
}

/** Sets the size of a tensor column's unknown dimension, if it has one. False if it doesn't follow from the data. */
const bindUnknown = ({ kind, shape = [] }: Column, values: Values, rows: number, sizes: Sizes): boolean => {
  const unknown = shape.filter((d) => typeof d === "string" && !sizes.has(d)) as ReadonlyArray<string>
  if (kind !== "tensor" || unknown.length === 0) return true
  const elements = isFlat(values) ? values.length / rows : ((firstOf(values) as Values | undefined)?.length ?? 0)
  const known = product(shape.map((d) => (typeof d === "number" ? d : (sizes.get(d) ?? 1))))
  // Where there are no elements nothing follows: the size is 0 unless the caller gave it.
  const size = values.length === 0 || elements === 0 ? 0 : elements / known
  if (unknown.length > 1 || !Number.isInteger(size)) return false
  sizes.set(unknown[0]!, size)
  return true
}

/** Rows of the table, and the sizes of dimensions that follow from the data: at most one unknown in a column. */
const rowsOf = (columns: Columns, data: { readonly [name: string]: Values }, sizes: Sizes, problems: Array<string>) => {
  const entries = Object.entries(columns)
  const count = ([name, column]: (typeof entries)[number]) => countRows(column, data[name]!, sizes)
  // Columns other than flat tensors say it best.
  const measured = entries.filter((entry) => count(entry) !== undefined)
  const first = measured.find(([name, { kind }]) => kind !== "tensor" || !isFlat(data[name]!)) ?? measured[0]
  const rows = first === undefined ? 0 : count(first)!
  for (const [name, column] of entries)
    if (!bindUnknown(column, data[name]!, rows, sizes))
      problems.push(`column '${name}': no size of ${show(column)} fits its data; give it in sizes`)
  if (problems.length > 0) return rows
  for (const [name, column] of entries) {
    const found = countRows(column, data[name]!, sizes) ?? rows
    if (!Number.isInteger(found))
      problems.push(`column '${name}': ${data[name]!.length} elements are no whole number of rows of ${show(column)}`)
    else if (found !== rows) problems.push(`column '${name}' has ${found} rows, '${first![0]}' has ${rows}`)
  }
  return rows
}

/** A batch of these columns; the struct that Arrow wants around it stays here. */
export const batchOf = (schema: A.Schema, children: ReadonlyArray<A.Data>, length: number): A.RecordBatch => {
  const type = new A.Struct(schema.fields)
  return new A.RecordBatch(schema, A.makeData({ type, length, nullCount: 0, children: [...children] }) as never)
}

/**
 * Builds a table of one batch from whole columns. A tensor column is given flat, or as rows; a dimension that `sizes`
 * doesn't hold is added to it. Every value that a column can't hold is told, by column and row; nothing is truncated.
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
  const problems: Array<string> = []
  const stop = () => {
    if (problems.length > 0) throw new TableMismatch({ schema: name, problems })
  }
  for (const key of Object.keys(columns)) if (data[key] === undefined) problems.push(`column '${key}' is missing`)
  for (const key of Object.keys(data)) if (!Object.hasOwn(columns, key)) problems.push(`column '${key}' isn't declared`)
  stop()
  const rows = rowsOf(columns, data, sizes, problems)
  stop()
  const resolved = Object.entries(resolve(columns, sizes))
  const fields = resolved.map(([key, column]) => fieldOf(key, column))
  const children = resolved.flatMap(([key, column], i): ReadonlyArray<A.Data> => {
    try {
      return [dataOf(column, fields[i]!.type, data[key]!, rows)]
    } catch (error) {
      if (!(error instanceof Unfit)) throw error
      problems.push(`column '${key}' (${show(column)}): ${error.reason}`)
      return []
    }
  })
  stop()
  const schema = new A.Schema(fields, new Map(Object.entries({ "relent:schema": name, ...metadata })))
  return new A.Table(schema, [batchOf(schema, children, rows)])
}
