/** Bodies that others compressed. relent writes none: a compressed column can't be viewed without a copy. */
import { zstdDecompressSync } from "node:zlib"
import * as A from "apache-arrow"
import type { RecordBatch } from "apache-arrow/ipc/metadata/message"
import { Malformed } from "./flatbuffer.ts"

/** More than this in one batch is taken for an attempt to fill the memory. */
const mostBytes = 2 ** 31

/** At most so many bytes unpacked, and how many of the packed ones were taken for them: Node ignores what follows. */
const unpacked = (packed: Uint8Array, maxOutputLength: number) =>
  zstdDecompressSync(packed, { maxOutputLength, info: true }) as unknown as {
    readonly buffer: Uint8Array
    readonly engine: { readonly bytesWritten: number }
  }

/** Every buffer of a batch unpacked, and where it now lies. A buffer begins with its length, or -1 if it is as it was. */
export const unpack = ({ compression, buffers }: RecordBatch, body: Uint8Array) => {
  if (compression?.type !== A.CompressionType.ZSTD)
    throw new Malformed(
      "it is compressed with LZ4, which Node can't unpack",
      "write it with zstd or without compression",
    )
  let total = 0
  const parts = buffers.map(({ offset, length }) => {
    if (length === 0) return body.subarray(0, 0)
    if (length < 8) throw new Malformed("a compressed column is too short")
    const packed = body.subarray(offset + 8, offset + length)
    const size = Number(new DataView(body.buffer, body.byteOffset + offset, 8).getBigInt64(0, true))
    if (size < -1) throw new Malformed("a compressed column has an impossible length")
    if (size === -1 || (size === 0 && packed.byteLength === 0)) return packed
    // Arrow's JavaScript writer (21.2) puts the packed length where the unpacked one belongs.
    const known = size === packed.byteLength ? mostBytes - total : size
    if (total + known > mostBytes) throw new Malformed("a batch unpacks to more than 2 GiB", "write smaller batches")
    const { buffer: part, engine } = unpacked(packed, Math.max(known, 1))
    if (engine.bytesWritten !== packed.byteLength) throw new Malformed("a compressed column has bytes behind its end")
    if (part.byteLength !== size && size !== packed.byteLength)
      throw new Malformed("a compressed column has another length than it says")
    total += part.byteLength
    return part
  })
  let end = 0
  const regions = parts.map(({ byteLength }) => {
    const start = end
    end += Math.ceil(byteLength / 8) * 8
    return { offset: start, length: byteLength }
  })
  const bytes = new Uint8Array(end)
  parts.forEach((part, i) => bytes.set(part, regions[i]!.offset))
  return { regions, bytes }
}
