/** The wire format of protocol buffers, as far as a graph needs it. */

const varint = (value: number | bigint): Uint8Array => {
  const bytes: Array<number> = []
  let left = BigInt.asUintN(64, BigInt(value))
  do {
    const low = Number(left & 127n)
    left >>= 7n
    bytes.push(left > 0n ? low | 128 : low)
  } while (left > 0n)
  return Uint8Array.from(bytes)
}

const text = new TextEncoder()
export type Field = Uint8Array

export const join = (...parts: ReadonlyArray<Field>): Uint8Array => {
  const all = new Uint8Array(parts.reduce((size, part) => size + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

const tag = (field: number, wire: number) => varint((field << 3) | wire)

/** An integer, an enumeration or a boolean. */
export const integer = (field: number, value: number | bigint): Field => join(tag(field, 0), varint(value))
/** A string, bytes or a message inside this one. */
export const bytes = (field: number, value: string | Uint8Array): Field => {
  const content = typeof value === "string" ? text.encode(value) : value
  return join(tag(field, 2), varint(content.length), content)
}
/** A float of 32 bits. */
export const float = (field: number, value: number): Field =>
  join(tag(field, 5), new Uint8Array(Float32Array.of(value).buffer))
