/**
 * A table as a text: schema, metadata, and every value by its bytes. Nothing of how it lies in memory: no values under nulls, no codes,
 * no batches. `tools/interop/python/print.py` writes the same of pyarrow's.
 */
import { columnOf } from "@relent/arrow"
import * as A from "apache-arrow"

const hex = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex")
const text = (value: string) => hex(new TextEncoder().encode(value))
const T = A.DataType
const units = ["s", "ms", "us", "ns"]

const typeOf = (type: A.DataType): string => {
  if (T.isNull(type)) return "null"
  if (T.isBool(type)) return "bool"
  if (T.isInt(type)) return `${type.isSigned ? "" : "u"}int${type.bitWidth}`
  if (T.isFloat(type)) return `float${16 << type.precision}`
  if (T.isUtf8(type)) return "utf8"
  if (T.isLargeUtf8(type)) return "large utf8"
  if (T.isBinary(type)) return "binary"
  if (T.isLargeBinary(type)) return "large binary"
  if (T.isFixedSizeBinary(type)) return `fixed binary ${type.byteWidth}`
  if (T.isDecimal(type)) return `decimal${type.bitWidth} ${type.precision} ${type.scale}`
  if (T.isDate(type)) return `date${32 << type.unit}`
  if (T.isTime(type)) return `time${type.bitWidth} ${units[type.unit]}`
  if (T.isTimestamp(type)) return `timestamp ${units[type.unit]} ${text(type.timezone ?? "")}`
  if (T.isDuration(type)) return `duration ${units[type.unit]}`
  if (T.isInterval(type)) return `interval ${["months", "days", "nanoseconds"][type.unit]}`
  if (T.isDictionary(type))
    return `dictionary ${typeOf(type.indices)} ${typeOf(type.dictionary)}${type.isOrdered ? " ordered" : ""}`
  if (T.isMap(type)) {
    const [key, value] = (type.children[0]!.type as A.Struct).children
    return `map ${typeOf(key!.type)} ${typeOf(value!.type)}${type.keysSorted ? " sorted" : ""}`
  }
  const inside = ((type.children as ReadonlyArray<A.Field> | null) ?? []).map(fieldText).join(", ")
  if (T.isList(type)) return `list <${inside}>`
  if (T.isFixedSizeList(type)) return `list ${type.listSize} <${inside}>`
  if (T.isStruct(type)) return `struct <${inside}>`
  if (type.typeId === A.Type.LargeList) return `large list <${inside}>`
  return A.Type[type.typeId]
}

const extension = "ARROW:extension:"
const pairs = (metadata: ReadonlyMap<string, string>) =>
  [...metadata]
    .filter(([key]) => !key.startsWith(extension))
    .map(([key, value]) => `${text(key)}=${text(value)}`)
    .toSorted()
    .join(" ")

const fieldText = (field: A.Field): string => {
  const isTensor = field.metadata.get(`${extension}name`) === "arrow.fixed_shape_tensor"
  const column = isTensor ? columnOf(field) : undefined
  const shape = column?.kind === "tensor" ? ` [${column.shape!.join(" ")}]` : ""
  const type =
    column && T.isFixedSizeList(field.type) ? `tensor ${typeOf(field.type.valueType)}${shape}` : typeOf(field.type)
  return `${text(field.name)}: ${type}${field.nullable ? " nullable" : ""} {${pairs(field.metadata)}}`
}

const isSet = (bits: Uint8Array | null, i: number) => ((bits![i >> 3]! >> (i & 7)) & 1) === 1

/** Each value of a chunk, `~` where there is none. */
const cells = (data: A.Data): ReadonlyArray<string> => {
  const { type, length, values, valueOffsets, children } = data
  const cut = (show: (from: number, to: number) => string) => (i: number) =>
    show(Number(valueOffsets[i]), Number(valueOffsets[i + 1]))
  const reader = (): ((i: number) => string) => {
    if (T.isNull(type)) return () => "~"
    if (T.isDictionary(type)) {
      const all = data.dictionary?.data.flatMap(cells) ?? []
      return (i) => all[Number(values[i])]!
    }
    if (T.isBool(type)) return (i) => (isSet(values as Uint8Array, i) ? "t" : "f")
    if (T.isUtf8(type) || T.isLargeUtf8(type) || T.isBinary(type) || T.isLargeBinary(type))
      return cut((from, to) => hex((values as Uint8Array).subarray(from, to)))
    if (T.isStruct(type)) {
      const all = children.map(cells)
      return (i) => `{${all.map((one) => one[i]).join(",")}}`
    }
    if (T.isFixedSizeList(type)) {
      const [all, size] = [cells(children[0]!), type.listSize]
      return (i) => `[${all.slice(i * size, (i + 1) * size).join(",")}]`
    }
    if (children.length > 0) {
      const all = cells(children[0]!)
      return cut((from, to) => `[${all.slice(from, to).join(",")}]`)
    }
    const { buffer, byteOffset, BYTES_PER_ELEMENT } = values as unknown as Uint8Array<ArrayBuffer>
    const width = BYTES_PER_ELEMENT * data.stride
    return (i) => hex(new Uint8Array(buffer, byteOffset + i * width, width))
  }
  const value = reader()
  const whole = data.nullCount === 0 || T.isNull(type)
  return Array.from({ length }, (_, i) => (whole || isSet(data.nullBitmap, i) ? value(i) : "~"))
}

/** So many rows that no file of ours has them: columns without buffers take no bytes. */
const most = 100_000

/** The text: a line a column. */
export const print = (table: A.Table): string => {
  const head = `${table.numRows} rows {${pairs(table.schema.metadata)}}`
  const columns = table.schema.fields.map((field, i) => {
    if (table.numRows > most) return `${fieldText(field)} ...`
    const all = table.batches.flatMap((batch) => cells(batch.data.children[i]!))
    return `${fieldText(field)} ${all.join(" ")}`
  })
  return [head, ...columns].join("\n")
}
