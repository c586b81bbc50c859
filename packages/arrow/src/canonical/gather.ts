/** Pieces of columns joined into new buffers: no slice offsets, zeros where there is no value, no bits beyond the rows. */
import * as A from "apache-arrow"

/** Rows `from` up to `from + length` of one piece of a column. */
export interface Segment {
  readonly data: A.Data
  readonly from: number
  readonly length: number
}

/** Rows that hold a value though the field says they may not, and the reverse, are told by this. */
export class Misplaced {
  readonly reason: string
  constructor(reason: string) {
    this.reason = reason
  }
}

const bit = (bits: Uint8Array, at: number): boolean => ((bits[at >> 3]! >> (at & 7)) & 1) === 1

/** Whether a row holds a value. An empty bitmap says that all do; after a slice bits keep their offset. */
const valid = ({ data, from }: Segment): ((row: number) => boolean) => {
  const { nullBitmap, nullCount, offset } = data
  return nullCount === 0 || !nullBitmap?.length ? () => true : (row) => bit(nullBitmap, offset + from + row)
}

/** Bits of all segments one after the other. */
const bits = (segments: ReadonlyArray<Segment>, rows: number, flag: (segment: Segment) => (row: number) => boolean) => {
  const all = new Uint8Array(Math.ceil(rows / 8))
  let at = 0
  for (const segment of segments) {
    const set = flag(segment)
    for (let row = 0; row < segment.length; row++, at++) if (set(row)) all[at >> 3]! |= 1 << (at & 7)
  }
  return all
}

const countNulls = (segments: ReadonlyArray<Segment>): number => {
  let nulls = 0
  for (const segment of segments) {
    if (segment.data.nullCount === 0) continue
    const isValid = valid(segment)
    for (let row = 0; row < segment.length; row++) if (!isValid(row)) nulls++
  }
  return nulls
}

/** Runs of rows with a value: what is copied; the rest stays zero, or has no piece. */
function* runs(segment: Segment): Generator<readonly [from: number, to: number]> {
  if (segment.data.nullCount === 0) {
    if (segment.length > 0) yield [0, segment.length]
    return
  }
  const isValid = valid(segment)
  for (let row = 0; row < segment.length; row++) {
    if (!isValid(row)) continue
    const start = row
    while (row < segment.length && isValid(row)) row++
    yield [start, row]
  }
}

/** `size` numbers a row: the same memory if the rows are one piece without nulls. */
const numbers = (
  segments: ReadonlyArray<Segment>,
  rows: number,
  size: number,
  values: (data: A.Data) => Float32Array,
) => {
  const [first] = segments
  const whole = segments.length === 1 && countNulls(segments) === 0
  if (whole) return values(first!.data).subarray(first!.from * size, (first!.from + first!.length) * size)
  const like = first === undefined ? Float32Array : (values(first.data).constructor as typeof Float32Array)
  const all = new like(rows * size)
  let at = 0
  for (const segment of segments) {
    const source = values(segment.data)
    for (const [from, to] of runs(segment))
      all.set(source.subarray((segment.from + from) * size, (segment.from + to) * size), (at + from) * size)
    at += segment.length
  }
  return all
}

/** Offsets of pieces of any length that start at 0, and where the pieces lie; a row without a value has none. */
const pieces = (segments: ReadonlyArray<Segment>, rows: number) => {
  const valueOffsets = new Int32Array(rows + 1)
  const spans: Array<Segment> = []
  let at = 0
  let end = 0
  for (const { data, from, length } of segments) {
    const offsets = data.valueOffsets as Int32Array
    const base = at
    for (const [first, last] of runs({ data, from, length })) {
      while (at < base + first) valueOffsets[++at] = end
      const start = offsets[from + first]!
      for (let row = first; row < last; row++) valueOffsets[++at] = end + offsets[from + row + 1]! - start
      const size = offsets[from + last]! - start
      end += size
      if (size > 0) spans.push({ data, from: start, length: size })
    }
    while (at < base + length) valueOffsets[++at] = end
  }
  return { valueOffsets, spans, total: end }
}

/** One piece of memory from spans of bytes. */
const bytes = (spans: ReadonlyArray<Segment>, total: number): Uint8Array => {
  const slice = ({ data, from, length }: Segment) => (data.values as Uint8Array).subarray(from, from + length)
  if (spans.length === 1) return slice(spans[0]!)
  const all = new Uint8Array(total)
  spans.reduce((at, span) => (all.set(slice(span), at), at + span.length), 0)
  return all
}

/** Items of lists and elements of tensors always have a value. */
const inner = (field: A.Field, segments: ReadonlyArray<Segment>): A.Data => {
  if (countNulls(segments) > 0) throw new Misplaced("has nulls inside its rows")
  return gather(new A.Field(field.name, field.type, false), segments)
}

/** A column of the field's type from pieces of it. Throws `Misplaced` for nulls where the field has none. */
export const gather = (field: A.Field, segments: ReadonlyArray<Segment>): A.Data => {
  const { type, nullable } = field
  const length = segments.reduce((n, segment) => n + segment.length, 0)
  const nullCount = countNulls(segments)
  if (nullCount > 0 && !nullable) throw new Misplaced("holds nulls, and may not")
  const make = (buffers: object): A.Data =>
    A.makeData({
      type,
      length,
      nullCount,
      ...(nullCount > 0 && { nullBitmap: bits(segments, length, valid) }),
      ...buffers,
    } as never)
  if (A.DataType.isBool(type)) {
    const set = (segment: Segment) => {
      const isValid = valid(segment)
      const { values, offset } = segment.data
      return (row: number) => isValid(row) && bit(values as Uint8Array, offset + segment.from + row)
    }
    return make({ data: bits(segments, length, set) })
  }
  if (A.DataType.isUtf8(type) || A.DataType.isBinary(type)) {
    const { valueOffsets, spans, total } = pieces(segments, length)
    return make({ valueOffsets, data: bytes(spans, total) })
  }
  if (A.DataType.isList(type)) {
    const { valueOffsets, spans } = pieces(segments, length)
    const items = spans.map(({ data, from, length }) => ({ data: data.children[0]!, from, length }))
    return make({ valueOffsets, child: inner(type.children[0]!, items) })
  }
  if (A.DataType.isFixedSizeList(type)) {
    const size = type.listSize
    const spans = segments.flatMap((segment) =>
      Array.from(runs(segment), ([from, to]) => ({
        data: segment.data.children[0]!,
        from: (segment.from + from) * size,
        length: (to - from) * size,
      })),
    )
    if (countNulls(spans) > 0) throw new Misplaced("has nulls inside its rows")
    const data = numbers(segments, length, size, (piece) => piece.children[0]!.values)
    const child = { type: type.children[0]!.type, length: length * size, nullCount: 0, data }
    return make({ child: A.makeData(child as never) })
  }
  return make({ data: numbers(segments, length, 1, (piece) => piece.values) })
}
