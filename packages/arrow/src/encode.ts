/** The bytes of a table: an Arrow IPC file in pieces, each with its digest, and the root digest over them. */
import { createHash } from "node:crypto"
import * as A from "apache-arrow"
import { canonical } from "./canonical.ts"

/** A piece of the file that is verified by itself. */
export interface Piece {
  readonly length: number
  /** SHA-256 of its bytes, hexadecimal. */
  readonly digest: string
}

/** What is needed to verify a table, whole or by batch. Its own digest is the table's. */
export interface TableIndex {
  /** Magic and schema. */
  readonly head: Piece
  readonly batches: ReadonlyArray<Piece & { readonly rows: number }>
  /** End of stream and footer. */
  readonly tail: Piece
}

/** SHA-256, hexadecimal. */
export const sha256 = (bytes: Uint8Array | string): string => createHash("sha256").update(bytes).digest("hex")

/** The root digest of a table: over the digest of its schema, and of each batch in turn. The tail follows from them. */
export const rootOf = ({ head, batches }: TableIndex): string =>
  sha256(JSON.stringify({ head: head.digest, batches: batches.map((b) => [b.rows, b.digest]) }))

/**
 * Arrow's file writer, caught before any sink. It also writes the schema in front, which Arrow's own leaves out:
 * so the file is a valid stream as well, after its eight bytes of magic.
 */
class PieceWriter extends A.RecordBatchFileWriter {
  #pieces: Array<Uint8Array> = []

  protected override _write(chunk: ArrayBufferView | ArrayBufferLike): this {
    if (!this._started) return this
    const bytes = ArrayBuffer.isView(chunk)
      ? new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength)
      : new Uint8Array(chunk)
    this.#pieces.push(bytes)
    this._position += bytes.byteLength
    return this
  }

  protected override _writeSchema(schema: A.Schema): this {
    super._writeSchema(schema as never)
    A.RecordBatchWriter.prototype["_writeSchema"].call(this, schema as never)
    return this
  }

  /** What was written since the last call. */
  take(): Uint8Array {
    const pieces = this.#pieces
    this.#pieces = []
    const all = new Uint8Array(pieces.reduce((n, p) => n + p.byteLength, 0))
    pieces.reduce((at, p) => (all.set(p, at), at + p.byteLength), 0)
    return all
  }
}

/**
 * The canonical file of a table, piece by piece: head, every batch, tail. Memory holds one piece at a time.
 * The generator returns the index.
 */
export function* encodeTable(table: A.Table): Generator<Uint8Array, TableIndex> {
  const { schema, batches } = canonical(table)
  const writer = new PieceWriter({ autoDestroy: false })
  const piece = (bytes: Uint8Array): Piece => ({ length: bytes.byteLength, digest: sha256(bytes) })
  writer.reset(undefined, schema)
  const first = writer.take()
  yield first
  const parts: Array<Piece & { readonly rows: number }> = []
  for (const batch of batches) {
    writer.write(batch)
    const bytes = writer.take()
    parts.push({ ...piece(bytes), rows: batch.numRows })
    yield bytes
  }
  writer.finish()
  const last = writer.take()
  yield last
  return { head: piece(first), batches: parts, tail: piece(last) }
}

/** The root digest of a table. */
export const digestOf = (table: A.Table): string => {
  const pieces = encodeTable(table)
  for (;;) {
    const { done, value } = pieces.next()
    if (done === true) return rootOf(value)
  }
}

/** The magic before the schema message: what is left is a stream. */
const magicLength = 8
const endOfStream = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0)

/** Reads verified pieces, which were taken out of one file: the head, and one batch. */
export const decodeBatch = (head: Uint8Array, batch: Uint8Array): A.Table => {
  const stream = new Uint8Array(head.byteLength - magicLength + batch.byteLength + endOfStream.byteLength)
  stream.set(head.subarray(magicLength))
  stream.set(batch, head.byteLength - magicLength)
  stream.set(endOfStream, stream.byteLength - endOfStream.byteLength)
  return A.tableFromIPC(stream)
}

/** Reads a whole verified file without its tail. */
export const decodeTable = (file: Uint8Array): A.Table => A.tableFromIPC(file.subarray(magicLength))
