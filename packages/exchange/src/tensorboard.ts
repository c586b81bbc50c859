/**
 * TensorBoard's event file: records of (length, checksum, `Event` in protocol buffers, checksum).
 *
 * @reference tensorflow2015event
 */
import type { Tracked } from "./metrics.ts"

// CRC-32C (Castagnoli), the polynomial 0x1edc6f41 reflected.
const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1
  return crc
})

/** The checksum of RFC 3720, as an unsigned number of 32 bits. */
export const crc32c = (bytes: Uint8Array): number => {
  let crc = 0xffffffff
  for (const byte of bytes) crc = (crc >>> 8) ^ table[(crc ^ byte) & 0xff]!
  return (crc ^ 0xffffffff) >>> 0
}

/** Turned and moved, since a checksum of data that holds checksums is weak. */
const masked = (bytes: Uint8Array) => {
  const crc = crc32c(bytes)
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0
}

const record = (data: Uint8Array): Uint8Array => {
  const bytes = Buffer.alloc(data.length + 16)
  bytes.writeBigUInt64LE(BigInt(data.length), 0)
  bytes.writeUInt32LE(masked(bytes.subarray(0, 8)), 8)
  bytes.set(data, 12)
  bytes.writeUInt32LE(masked(data), 12 + data.length)
  return bytes
}

// The wire format of protocol buffers, as far as these messages need it: a key is (field << 3) | type.
const varint = (value: number): ReadonlyArray<number> =>
  value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))]
const integer = (field: number, value: number) => [field << 3, ...varint(value)]
const message = (field: number, content: ReadonlyArray<number>) => [
  (field << 3) | 2,
  ...varint(content.length),
  ...content,
]
const text = (field: number, value: string) => message(field, [...new TextEncoder().encode(value)])
const double = (field: number, value: number) => [(field << 3) | 1, ...new Uint8Array(Float64Array.of(value).buffer)]
const float = (field: number, value: number) => [(field << 3) | 5, ...new Uint8Array(Float32Array.of(value).buffer)]

/** `Event { wall_time = 1, step = 2, file_version = 3, summary = 5 }`. */
const event = (seconds: number, ...fields: ReadonlyArray<number>) =>
  record(Uint8Array.from([...double(1, seconds), ...fields]))
/** `Summary { value = 1 { tag = 1, simple_value = 2 } }`. */
const scalar = (tag: string, value: number) => message(5, message(1, [...text(1, tag), ...float(2, value)]))

/** The bytes of the file of a run; its values are floats of 32 bits. */
export const eventFile = ({ started, curves }: Tracked): Uint8Array => {
  const seconds = started / 1000
  const records = curves.flatMap(({ tag, steps, values }) =>
    steps.map((step, i) => event(seconds, ...integer(2, step), ...scalar(tag, values[i]!))),
  )
  return Buffer.concat([event(seconds, ...text(3, "brain.Event:2")), ...records])
}

/** The name that TensorBoard looks for, in a folder of the run's own. */
export const eventFileName = ({ started }: Tracked): string =>
  `events.out.tfevents.${Math.floor(started / 1000)}.relent`
