/** Bodies that others compressed. relent writes none: a compressed column can't be viewed without a copy. */
import { zstdDecompressSync } from "node:zlib"
import * as A from "apache-arrow"
import type { RecordBatch } from "apache-arrow/ipc/metadata/message"
import { Malformed } from "./flatbuffer.ts"

/** More than this in one batch is taken for an attempt to fill the memory. */
const mostBytes = 2 ** 31

/**
 * Checks that packed bytes are one whole frame: Node takes a part of one, and ignores what follows. A frame is a header, blocks with their
 * lengths, and perhaps a checksum (RFC 8878, 3.1.1). Throws `Malformed`; what isn't a frame at all is left to Node.
 */
const checkFrame = (packed: Uint8Array): void => {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength)
  const cut = () => new Malformed("a compressed column is cut off")
  if (packed.byteLength < 5 || view.getUint32(0, true) !== 0xfd2fb528) return
  const about = packed[4]!
  const single = (about & 0x20) !== 0
  const contentSize = [single ? 1 : 0, 2, 4, 8][about >> 6]!
  let at = 5 + (single ? 0 : 1) + [0, 1, 2, 4][about & 3]! + contentSize
  for (let last = false; !last;) {
    if (at + 3 > packed.byteLength) throw cut()
    const header = packed[at]! | (packed[at + 1]! << 8) | (packed[at + 2]! << 16)
    last = (header & 1) === 1
    // One byte stands for a block of equal ones.
    at += 3 + (((header >> 1) & 3) === 1 ? 1 : header >> 3)
  }
  if ((about & 4) !== 0) at += 4
  if (at > packed.byteLength) throw cut()
  if (at < packed.byteLength) throw new Malformed("a compressed column has bytes behind its end")
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
    checkFrame(packed)
    const part = zstdDecompressSync(packed, { maxOutputLength: Math.max(known, 1) })
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
