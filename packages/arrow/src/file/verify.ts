/** Compares a file with the digest of its table before anything parses its values. */
import type { FileHandle } from "node:fs/promises"
import type * as A from "apache-arrow"
import { readBytes } from "./bytes.ts"
import { readHead } from "../canonical/decode.ts"
import { type Piece, rootOf, sha256 } from "../canonical/encode.ts"
import { Malformed } from "../ipc/flatbuffer.ts"
import { type Block, type FooterBlocks, type Message, readMessage, readPrefix } from "../ipc/message.ts"

/** The message and the body of a block. Throws `Malformed`. */
export const splitBlock = (
  bytes: Uint8Array,
  { head }: Block,
): { readonly message: Message; readonly body: Uint8Array } => {
  const prefix = readPrefix(bytes)
  if (prefix === undefined || prefix.prefix + prefix.message > head)
    throw new Malformed("a batch has an impossible length")
  const message = readMessage(bytes.subarray(prefix.prefix, prefix.prefix + prefix.message))
  const body = bytes.subarray(head)
  if (message.body !== body.byteLength) throw new Malformed("a batch has another length than the footer says")
  return { message, body }
}

/** A block with its message. */
export const readBlock = (file: FileHandle, { offset, head, body }: Block): Promise<Uint8Array> =>
  readBytes(file, offset, head + body)

/** What a digest vouches for: the schema at the file's head (not the footer's), and the bytes of each batch. */
export interface Verified {
  readonly schema: A.Schema
  /** SHA-256 of each batch. */
  readonly digests: ReadonlyArray<string>
}

/** Reads every piece of a file once, one at a time. Rejects with `Malformed` if they aren't those of the digest. */
export const verifyFile = async (file: FileHandle, found: FooterBlocks, digest: string): Promise<Verified> => {
  const first = found.batches[0]
  if (first === undefined || found.dictionaries.length > 0)
    throw new Malformed("it isn't a canonical file, so it has no digest", "write it with writeTable")
  const piece = (bytes: Uint8Array): Piece => ({ length: bytes.byteLength, digest: sha256(bytes) })
  const headBytes = await readBytes(file, 0, first.offset)
  const batches: Array<Piece & { readonly rows: number }> = []
  for (const block of found.batches) {
    const bytes = await readBlock(file, block)
    const { message } = splitBlock(bytes, block)
    batches.push({ ...piece(bytes), rows: message.kind === "rows" ? message.header.length : 0 })
  }
  const root = rootOf({ head: piece(headBytes), batches })
  if (root !== digest) throw new Malformed(`it is damaged: its digest is ${root}, wanted ${digest}`, "make it again")
  return { schema: readHead(headBytes), digests: batches.map((batch) => batch.digest) }
}
