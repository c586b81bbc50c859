/** Files as ranges of bytes. */
import type { FileHandle } from "node:fs/promises"
import { Malformed } from "../ipc/flatbuffer.ts"

/** A single read of 2 GiB or more aborts Node, without an exception. */
const mostAtOnce = 2 ** 30

/** Bytes `start` up to `start + length`. Rejects with `Malformed` where the file ends before. */
export const readBytes = async (file: FileHandle, start: number, length: number): Promise<Uint8Array> => {
  const bytes = new Uint8Array(length)
  for (let at = 0; at < length;) {
    const { bytesRead } = await file.read(bytes, at, Math.min(length - at, mostAtOnce), start + at)
    if (bytesRead === 0) throw new Malformed("it ends too early", "it was cut off, or is being written: make it again")
    at += bytesRead
  }
  return bytes
}

/** Writes all bytes at the end of what was written. */
export const writeBytes = async (file: FileHandle, bytes: Uint8Array): Promise<void> => {
  for (let at = 0; at < bytes.byteLength;) {
    const { bytesWritten } = await file.write(bytes, at, Math.min(bytes.byteLength - at, mostAtOnce))
    at += bytesWritten
  }
}
