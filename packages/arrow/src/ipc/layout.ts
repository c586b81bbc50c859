/** Checks that the buffers of a batch hold what its schema and its numbers of rows say. */
import { isUtf8 } from "node:buffer"
import * as A from "apache-arrow"
import { Malformed } from "./flatbuffer.ts"

/** A node and the buffers that each Arrow type has in a batch, its children not counted; undefined where we don't know. */
const buffersOf = (type: A.DataType): number | undefined => {
  if (A.DataType.isNull(type)) return 0
  if (A.DataType.isStruct(type) || A.DataType.isFixedSizeList(type)) return 1
  if (A.DataType.isUtf8(type) || A.DataType.isBinary(type)) return 3
  if (A.DataType.isLargeUtf8(type) || A.DataType.isLargeBinary(type)) return 3
  const known = [A.Type.Union, A.Type.BinaryView, A.Type.Utf8View].every((other) => type.typeId !== other)
  return known ? 2 : undefined
}

/** Nodes (each with its column's name) and buffers that a batch of these fields has. Throws `Malformed` for types that can't be checked. */
export const expectedLayout = (
  fields: ReadonlyArray<A.Field>,
): { readonly nodes: ReadonlyArray<string>; readonly buffers: number } => {
  const nodes: Array<string> = []
  let buffers = 0
  const visit = ({ name, type }: A.Field): void => {
    const own = buffersOf(type)
    if (own === undefined)
      throw new Malformed(
        `column '${name}' is Arrow ${String(type)}, which relent can't read`,
        "cast it or leave it out (polars: write_ipc(path, compat_level=pl.CompatLevel.oldest()))",
      )
    nodes.push(name)
    buffers += own
    if (!A.DataType.isDictionary(type)) (type.children as ReadonlyArray<A.Field> | null)?.forEach(visit)
  }
  fields.forEach(visit)
  return { nodes, buffers }
}

/** A node's numbers are possible, whatever its buffers hold. Throws `Malformed`. */
export const checkNode = (name: string, { length, nullCount }: { length: number; nullCount: number }): void => {
  if (nullCount === -1) throw new Malformed(`column '${name}' counts -1 nulls`, "write it with its count of nulls")
  if (length < 0 || nullCount < 0 || nullCount > length)
    throw new Malformed(`column '${name}' has an impossible length`)
}

const popcount = (bits: Uint8Array, length: number): number => {
  let count = 0
  for (let i = 0; i < length; i++) count += (bits[i >> 3]! >> (i & 7)) & 1
  return count
}

/** Offsets start at 0 or later, never fall, and end within the values. */
const checkOffsets = (name: string, data: A.Data, end: number) => {
  const offsets = data.valueOffsets as unknown as Int32Array | BigInt64Array
  if (data.length === 0 && offsets.length === 0) return
  if (offsets.length < data.length + 1) throw new Malformed(`column '${name}' has fewer offsets than rows`)
  let last: number | bigint = 0
  for (let i = 0; i <= data.length; i++) {
    const offset = offsets[i]!
    if (offset < last) throw new Malformed(`column '${name}' has falling offsets`)
    last = offset
  }
  if (last > end) throw new Malformed(`column '${name}' refers to values beyond its end`)
}

/** Every text is UTF-8, and none begins inside a character. */
const checkText = (name: string, { length, values, valueOffsets }: A.Data) => {
  if (length === 0) return
  const bytes = values as Uint8Array
  const sound = isUtf8(bytes.subarray(Number(valueOffsets[0]), Number(valueOffsets[length])))
  let whole = sound
  for (let i = 0; whole && i < length; i++) {
    const first = bytes[Number(valueOffsets[i])]
    whole = first === undefined || valueOffsets[i] === valueOffsets[i + 1] || (first & 0xc0) !== 0x80
  }
  if (!whole) throw new Malformed(`column '${name}' isn't UTF-8`)
}

/** Every code that has a value is one of the dictionary's. */
const checkCodes = (name: string, data: A.Data) => {
  const codes = data.values as unknown as ArrayLike<number | bigint>
  const size = data.dictionary?.length ?? 0
  for (let i = 0; i < data.length; i++)
    if ((codes[i]! < 0 || codes[i]! >= size) && data.getValid(i))
      throw new Malformed(`column '${name}' refers to values beyond its dictionary`)
}

const dayOf: { readonly [unit: number]: bigint } = {
  0: 86_400n,
  1: 86_400_000n,
  2: 86_400_000_000n,
  3: 86_400_000_000_000n,
}

/** Dates in milliseconds are whole days, and a time of day lies within one. */
const checkTimes = (name: string, data: A.Data, type: A.DataType) => {
  const values = data.values as unknown as ArrayLike<number | bigint>
  const isDate = A.DataType.isDate(type) && type.unit === A.DateUnit.MILLISECOND
  const day = A.DataType.isTime(type) ? dayOf[type.unit]! : undefined
  if (!isDate && day === undefined) return
  for (let i = 0; i < data.length; i++) {
    const value = BigInt(values[i]!)
    if ((day === undefined ? value % dayOf[1]! !== 0n : value < 0n || value >= day) && data.getValid(i))
      throw new Malformed(`column '${name}' holds what is no ${day === undefined ? "whole day" : "time of a day"}`)
  }
}

/** Checks one column of `rows` rows and what is inside it. Throws `Malformed`. */
export const checkData = (name: string, data: A.Data, rows: number): void => {
  const { type, length, nullBitmap, children } = data
  const short = () => new Malformed(`column '${name}' has fewer values than rows`)
  if (length < rows) throw short()
  if (data.nullCount > 0 && !A.DataType.isNull(type)) {
    if (nullBitmap.length * 8 < length) throw short()
    if (length - popcount(nullBitmap, length) !== data.nullCount)
      throw new Malformed(`column '${name}' counts its nulls wrong`)
  }
  if (A.DataType.isDictionary(type)) {
    if (data.values.length < length) throw short()
    checkCodes(name, data)
  } else if (buffersOf(type) === 2) {
    if (data.valueOffsets) {
      checkOffsets(name, data, children[0]!.length)
      checkData(name, children[0]!, 0)
    } else if (A.DataType.isBool(type)) {
      if (data.values.length * 8 < length) throw short()
    } else if (data.values.length < length * data.stride) throw short()
    else checkTimes(name, data, type)
  } else if (buffersOf(type) === 3) {
    checkOffsets(name, data, data.values.length)
    if (A.DataType.isUtf8(type) || A.DataType.isLargeUtf8(type)) checkText(name, data)
  } else if (A.DataType.isFixedSizeList(type)) checkData(name, children[0]!, length * type.listSize)
  else children.forEach((child) => checkData(name, child, length))
}
