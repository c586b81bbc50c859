/**
 * Checks Arrow's metadata before Arrow's own reader sees it: every offset, length and nesting of a flatbuffer lies
 * inside its bytes. That reader checks none of it; on damaged bytes it loops over billions of entries or throws
 * whatever comes first.
 */
import { isUtf8 } from "node:buffer"
import { Data } from "effect"

/** Bytes that aren't what they should be, in words; whoever knows the file makes it a `TableUnreadable`. */
export class Malformed extends Data.TaggedError("Malformed")<{
  readonly what: string
  readonly hint?: string | undefined
}> {
  constructor(what: string, hint?: string) {
    super({ what, hint })
  }
  override get message() {
    return this.what
  }
}

/** What a slot of a table holds: bytes of a scalar, or one of the following. */
type Slot =
  | number
  | "string"
  /** Two bytes that say how numbers are laid out: zero for little endian. */
  | "endianness"
  | { readonly table: () => Slots }
  /** Scalars or structs of a fixed size. */
  | { readonly structs: number }
  | { readonly tables: () => Slots }
  /** A table whose kind is the byte in the slot before. */
  | { readonly union: (kind: number) => Slots }
  /** One of these that a table doesn't go without. */
  | { readonly required: Slot }
type Slots = ReadonlyArray<Slot>

// Arrow's format/Schema.fbs, Message.fbs and File.fbs: the slots of each table in order.
const keyValue: Slots = [{ required: "string" }, { required: "string" }]
const metadata: Slot = { tables: () => keyValue }
const int: Slots = [4, 1]
const dictionaryEncoding: Slots = [8, { required: { table: () => int } }, 1, 2]
const types: { readonly [kind: number]: Slots } = {
  2: int,
  3: [2],
  7: [4, 4, 4],
  8: [2],
  9: [2, 4],
  10: [2, "string"],
  11: [2],
  14: [2, { structs: 4 }],
  15: [4],
  16: [4],
  17: [1],
  18: [2],
}
const field: Slots = [
  "string",
  1,
  1,
  { required: { union: (kind) => types[kind] ?? [] } },
  { table: () => dictionaryEncoding },
  { tables: () => field },
  metadata,
]
const schema: Slots = ["endianness", { required: { tables: () => field } }, metadata, { structs: 8 }]
const recordBatch: Slots = [8, { structs: 16 }, { structs: 16 }, { table: () => [1, 1] }, { structs: 8 }]
const dictionaryBatch: Slots = [8, { required: { table: () => recordBatch } }, 1]
const headers: { readonly [kind: number]: Slots } = { 1: schema, 2: dictionaryBatch, 3: recordBatch }

/** The root of a message in front of its body. */
export const messageSlots: Slots = [2, 1, { union: (kind) => headers[kind] ?? [] }, 8, metadata]
/** The root of a file's footer. A block is 24 bytes: offset, length of the message, length of its body. */
export const footerSlots: Slots = [2, { required: { table: () => schema } }, { structs: 24 }, { structs: 24 }, metadata]

/** Deeper nesting, or more tables, than any real schema has. */
const deepest = 64
const mostTables = 100_000

/** Checks that `bytes` hold a table of these slots, and everything that it refers to. Throws `Malformed`. */
export const verify = (bytes: Uint8Array, root: Slots): void => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let tables = 0
  const damaged = (what: string) => new Malformed(`its metadata is damaged: ${what}`)
  const inside = (at: number, length: number, align: number) => {
    if (at < 0 || at + length > bytes.byteLength || at % align !== 0) throw damaged("a part lies outside, or askew")
    return at
  }
  const follow = (at: number) => {
    const offset = view.getUint32(inside(at, 4, 4), true)
    if (offset === 0) throw damaged("a part refers to itself")
    return at + offset
  }
  /** The start and length of a vector of items of `size` bytes. */
  const vector = (at: number, size: number) => {
    const start = follow(at)
    const length = view.getUint32(inside(start, 4, 4), true)
    inside(start + 4, length * size, 1)
    return { start: start + 4, length }
  }
  const string = (at: number) => {
    const { start, length } = vector(at, 1)
    if (bytes[start + length] !== 0) throw damaged("a text has no end")
    if (!isUtf8(bytes.subarray(start, start + length))) throw damaged("a text isn't UTF-8")
  }
  /** Kind 0 says that there is none. */
  const union = (place: number, slots: (kind: number) => Slots, kind: number, depth: number): void => {
    if (kind === 0) throw damaged("a part is missing")
    table(follow(place), slots(kind), depth + 1)
  }
  const content = (place: number, slot: Exclude<Slot, number>, kind: number, depth: number): void => {
    if (slot === "string") string(place)
    else if (slot === "endianness") {
      if (view.getUint16(place, true) !== 0) throw new Malformed("its numbers are big-endian")
    } else if ("required" in slot) content(place, slot.required as typeof slot, kind, depth)
    else if ("table" in slot) table(follow(place), slot.table(), depth + 1)
    else if ("union" in slot) union(place, slot.union, kind, depth)
    else if ("structs" in slot) vector(place, slot.structs)
    else {
      const { start, length } = vector(place, 4)
      for (let item = 0; item < length; item++) table(follow(start + 4 * item), slot.tables(), depth + 1)
    }
  }
  /** How far from its table a slot is, 0 for one that isn't there. */
  const offsetOf = (vtable: number, i: number) =>
    6 + 2 * i <= view.getUint16(vtable, true) ? view.getUint16(vtable + 4 + 2 * i, true) : 0
  /** Where a checked table has a slot. */
  const slotOf = (at: number, i: number): number | undefined => {
    const offset = offsetOf(at - view.getInt32(at, true), i)
    return offset === 0 ? undefined : at + offset
  }
  const dictionaries = new Map<bigint, string>()
  /** Columns that share a dictionary are of one type: Arrow's own reader takes the first's for all. */
  const checkDictionary = (at: number): void => {
    const [kind, type, encoding] = [slotOf(at, 2)!, slotOf(at, 3)!, slotOf(at, 4)]
    if (encoding === undefined) return
    const id = slotOf(follow(encoding), 0)
    const number = id === undefined ? 0n : view.getBigInt64(id, true)
    const said = (types[bytes[kind]!] ?? []).map((size, i) => {
      const place = slotOf(follow(type), i)
      return typeof size === "number" && place !== undefined ? bytes.subarray(place, place + size).join() : ""
    })
    const whole = [bytes[kind], ...said].join(" ")
    if ((dictionaries.get(number) ?? whole) !== whole) throw new Malformed("columns of two types share a dictionary")
    dictionaries.set(number, whole)
  }
  const table = (at: number, slots: Slots, depth: number): void => {
    if (++tables > mostTables || depth > deepest) throw new Malformed("its schema is too large")
    const vtable = at - view.getInt32(inside(at, 4, 4), true)
    const vtableSize = view.getUint16(inside(vtable, 4, 2), true)
    if (vtableSize % 2 !== 0) throw damaged("a table has half a slot")
    const tableSize = view.getUint16(vtable + 2, true)
    inside(vtable, vtableSize, 2)
    if (at + tableSize > bytes.byteLength) throw damaged("a table is larger than the rest")
    let kind = 0
    slots.forEach((slot, i) => {
      const offset = offsetOf(vtable, i)
      if (typeof slot === "number") kind = 0
      if (offset === 0) {
        if (typeof slot === "object" && "required" in slot) throw damaged("a part is missing")
        return
      }
      const size = typeof slot === "number" ? slot : slot === "endianness" ? 2 : 4
      if (offset + size > tableSize) throw damaged("a table is larger than it says")
      const place = inside(at + offset, size, size)
      if (typeof slot === "number") kind = bytes[place]!
      else content(place, slot, kind, depth)
    })
    if (slots === field) checkDictionary(at)
  }
  table(follow(0), root, 0)
}
