/** Where the numbers of an Arrow file lie: those of its metadata, and those of its columns. */
import * as A from "apache-arrow"
import { footerSlots, messageSlots } from "../../../../packages/arrow/src/ipc/flatbuffer.ts"
import { readFooter, readMessage } from "../../../../packages/arrow/src/ipc/message.ts"

type Slots = typeof messageSlots

/** A number, or a byte of a text. */
export interface Place {
  readonly at: number
  readonly size: 1 | 2 | 4 | 8
  /** Places of one kind mean the same: the number of the slot and of those above it, or the role of a buffer. */
  readonly kind: string
}

/** Bytes that belong together: the magic, a message with its body, the end. */
export interface Segment {
  readonly start: number
  readonly end: number
  /** Of a batch: where its number of rows lies, and those of its columns. */
  readonly lengths: ReadonlyArray<number>
}

export interface Places {
  readonly byKind: ReadonlyMap<string, ReadonlyArray<Place>>
  readonly segments: ReadonlyArray<Segment>
}

type Add = (at: number, size: Place["size"], kind: string) => void

/** The numbers of a struct, by its size: of a dimension or type id, of a feature or a count, of a node or a buffer, of a block. */
const words: { readonly [size: number]: ReadonlyArray<readonly [offset: number, size: Place["size"]]> } = {
  4: [[0, 4]],
  8: [[0, 8]],
  16: [
    [0, 8],
    [8, 8],
  ],
  24: [
    [0, 8],
    [8, 4],
    [16, 8],
  ],
}

/** Visits a table of a flatbuffer and all that it refers to. The bytes are sound. */
const walk = (view: DataView, at: number, slots: Slots, kind: string, add: Add): void => {
  const follow = (place: number) => place + view.getUint32(place, true)
  const vtable = at - view.getInt32(at, true)
  const size = view.getUint16(vtable, true)
  add(at, 4, "vtable")
  add(vtable, 2, "vtable size")
  add(vtable + 2, 2, "table size")
  let union = 0
  slots.forEach((wanted, i) => {
    const slot = typeof wanted === "object" && "required" in wanted ? wanted.required : wanted
    const entry = 4 + 2 * i
    const offset = entry + 2 <= size ? view.getUint16(vtable + entry, true) : 0
    if (typeof slot === "number") union = 0
    if (entry + 2 <= size) add(vtable + entry, 2, "slot")
    if (offset === 0) return
    const place = at + offset
    const own = `${kind}.${i}`
    if (typeof slot === "number") {
      union = view.getUint8(place)
      return add(place, slot as Place["size"], own)
    }
    if (slot === "endianness") return add(place, 2, own)
    const target = follow(place)
    add(place, 4, `${own} offset`)
    if (typeof slot === "object" && "table" in slot) return walk(view, target, slot.table(), own, add)
    if (typeof slot === "object" && "union" in slot)
      return walk(view, target, slot.union(union), `${own}(${union})`, add)
    const length = view.getUint32(target, true)
    add(target, 4, `${own} length`)
    for (let item = 0; item < length; item++)
      if (slot === "string") add(target + 4 + item, 1, `${own} text`)
      else if ("structs" in slot)
        words[slot.structs]!.forEach(([from, width], j) =>
          add(target + 4 + item * slot.structs + from, width, `${own}[${j}]`),
        )
      else if ("tables" in slot) {
        add(target + 4 + 4 * item, 4, `${own} item`)
        walk(view, follow(target + 4 + 4 * item), slot.tables(), own, add)
      }
  })
}

type Role = readonly [kind: string, size: Place["size"]]
const validity: Role = ["validity", 1]

/** What each buffer of these columns holds, in their order. */
const rolesOf = (fields: ReadonlyArray<A.Field>): ReadonlyArray<Role> =>
  fields.flatMap(({ type }): ReadonlyArray<Role> => {
    if (A.DataType.isNull(type)) return []
    if (A.DataType.isDictionary(type)) return [validity, ["codes", (type.indices.bitWidth / 8) as Place["size"]]]
    const children = (type.children as ReadonlyArray<A.Field> | null) ?? []
    if (A.DataType.isStruct(type) || A.DataType.isFixedSizeList(type)) return [validity, ...rolesOf(children)]
    if (A.DataType.isUtf8(type) || A.DataType.isBinary(type)) return [validity, ["offsets", 4], ["text", 1]]
    if (A.DataType.isLargeUtf8(type) || A.DataType.isLargeBinary(type))
      return [validity, ["long offsets", 8], ["text", 1]]
    if (children.length === 0) return [validity, ["data", 1]]
    const isLarge = type.typeId === A.Type.LargeList
    return [validity, isLarge ? ["long offsets", 8] : ["offsets", 4], ...rolesOf(children)]
  })

/** The places of a sound file or stream. */
export const placesOf = (bytes: Uint8Array): Places => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const byKind = new Map<string, Array<Place>>()
  const add: Add = (at, size, kind) => {
    const known = byKind.get(kind)
    if (known) known.push({ at, size, kind })
    else byKind.set(kind, [{ at, size, kind }])
  }
  const segments: Array<Segment> = []
  const isFile = Buffer.from(bytes.subarray(0, 6)).toString("latin1") === "ARROW1"
  const footerLength = isFile ? view.getInt32(bytes.length - 10, true) : 0
  const end = bytes.length - (isFile ? 10 + footerLength : 0)
  let schema: A.Schema | undefined
  if (isFile) {
    segments.push({ start: 0, end: 8, lengths: [] })
    schema = readFooter(bytes.subarray(end, bytes.length - 10)).schema
    for (let i = 0; i < 6; i++) add(bytes.length - 6 + i, 1, "magic")
    add(bytes.length - 10, 4, "footer length")
    add(end, 4, "root")
    walk(view, end + view.getUint32(end, true), footerSlots, "footer", add)
  }
  let start = isFile ? 8 : 0
  while (start + 8 <= end) {
    const continued = view.getInt32(start, true) === -1
    const prefix = continued ? 8 : 4
    const length = view.getInt32(start + prefix - 4, true)
    if (continued) add(start, 4, "continuation")
    add(start + prefix - 4, 4, "message length")
    if (length === 0) break
    const root = start + prefix
    const message = readMessage(bytes.subarray(root, root + length))
    add(root, 4, "root")
    const kind = `message ${message.kind}`
    walk(view, root + view.getUint32(root, true), messageSlots, kind, add)
    const body = root + length
    if (message.kind === "schema") schema = message.schema
    const lengths: Array<number> = []
    if (message.kind !== "schema" && schema !== undefined) {
      const batch = message.kind === "rows" ? message.header : message.header.data
      const path = message.kind === "rows" ? ".2(3)" : ".2(2).1"
      const inside = (place: Place) => place.at >= root && place.at < body
      const found = [`${kind}${path}.0`, `${kind}${path}.1[0]`].flatMap((name) => byKind.get(name) ?? [])
      lengths.push(
        ...found
          .filter((place) => inside(place) && view.getUint32(place.at, true) === batch.length)
          .map(({ at }) => at),
      )
      const fields =
        message.kind === "rows"
          ? schema.fields
          : [new A.Field("dictionary", schema.dictionaries.get(message.header.id)!, true)]
      const roles = rolesOf(fields)
      batch.buffers.forEach((buffer, i) => {
        const from = body + buffer.offset
        if (batch.compression && buffer.length >= 8) add(from, 8, "unpacked length")
        const [role, width] = batch.compression ? (["packed", 1] as const) : (roles[i] ?? validity)
        const first = batch.compression ? 8 : 0
        for (let at = from + first; at + width <= from + buffer.length; at += width) add(at, width, `body ${role}`)
      })
    }
    segments.push({ start, end: body + message.body, lengths })
    start = body + message.body
  }
  segments.push({ start: Math.min(start, bytes.length), end: bytes.length, lengths: [] })
  return { byKind, segments }
}
