/** The bytes of a table: an Arrow IPC file in pieces, each with its digest, and the root digest over them. */
import { createHash } from "node:crypto"
import * as A from "apache-arrow"
import { Rebatcher } from "./rebatch.ts"

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

const pieceOf = (bytes: Uint8Array): Piece => ({ length: bytes.byteLength, digest: sha256(bytes) })

/** The root digest of a table: over the digest of its schema, and of each batch in turn. The tail follows from them. */
export const rootOf = ({ head, batches }: Omit<TableIndex, "tail">): string =>
  sha256(JSON.stringify({ head: head.digest, batches: batches.map((b) => [b.rows, b.digest]) }))

/**
 * Arrow's file writer, caught before any sink. It also writes the schema in front, which Arrow's own leaves out:
 * so the file is a valid stream as well, after its eight bytes of magic.
 */
class PieceWriter extends A.RecordBatchFileWriter {
  readonly #reuse: boolean
  #memory = new Uint8Array(0)
  #pieces: Array<Uint8Array> = []

  constructor(reuse: boolean) {
    super({ autoDestroy: false })
    this.#reuse = reuse
  }

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
    const length = pieces.reduce((n, p) => n + p.byteLength, 0)
    if (!this.#reuse || length > this.#memory.length) this.#memory = new Uint8Array(length)
    const all = this.#memory.subarray(0, length)
    pieces.reduce((at, p) => (all.set(p, at), at + p.byteLength), 0)
    return all
  }
}

/** Writes a canonical file piece by piece from batches as they come; memory holds the piece being made. */
export class TableEncoder {
  readonly #writer: PieceWriter
  readonly #rebatcher: Rebatcher
  readonly #batches: Array<Piece & { readonly rows: number }> = []
  #head: Piece | undefined

  /**
   * With `reuse` each piece lies where the last one was: for a caller that is done with it before it asks for the next.
   * Throws `TableMismatch` for a column of a type that tables don't use.
   */
  constructor(schema: A.Schema, { reuse = false } = {}) {
    this.#writer = new PieceWriter(reuse)
    this.#rebatcher = new Rebatcher(schema)
  }

  /** Magic and schema: the first piece. */
  head(): Uint8Array {
    this.#writer.reset(undefined, this.#rebatcher.schema)
    const bytes = this.#writer.take()
    this.#head = pieceOf(bytes)
    return bytes
  }

  /** The pieces that are full with these rows. Throws `TableMismatch` for other columns than the first batch has. */
  *push(batch: A.RecordBatch): Generator<Uint8Array> {
    for (const full of this.#rebatcher.push(batch)) yield this.#encode(full)
  }

  /** The remaining pieces; the generator returns the index. */
  *finish(): Generator<Uint8Array, TableIndex> {
    for (const last of this.#rebatcher.finish()) yield this.#encode(last)
    this.#writer.finish()
    const tail = this.#writer.take()
    yield tail
    return { head: this.#head!, batches: this.#batches, tail: pieceOf(tail) }
  }

  #encode(batch: A.RecordBatch): Uint8Array {
    this.#writer.write(batch)
    const bytes = this.#writer.take()
    this.#batches.push({ ...pieceOf(bytes), rows: batch.numRows })
    return bytes
  }
}

/**
 * The canonical file of a table, piece by piece: head, every batch, tail. Memory holds one piece at a time.
 * The generator returns the index.
 */
export function* encodeTable(table: A.Table): Generator<Uint8Array, TableIndex> {
  const encoder = new TableEncoder(table.schema)
  yield encoder.head()
  for (const batch of table.batches) yield* encoder.push(batch)
  return yield* encoder.finish()
}

/** The root digest of a table. */
export const digestOf = (table: A.Table): string => {
  const pieces = encodeTable(table)
  for (;;) {
    const { done, value } = pieces.next()
    if (done === true) return rootOf(value)
  }
}
