/** Tables by root digest: a canonical Arrow file, and beside it the index by which every piece is verified. */
import { open } from "node:fs/promises"
import { join } from "node:path"
import { decodeBatch, encodeTable, readBytes, rootOf, sha256, type TableIndex } from "@relent/arrow"
import { Table } from "apache-arrow"
import { Effect } from "effect"
import { codeOf, StoreCorrupt, StoreUnusable } from "./error.ts"
import type { Hold } from "./held.ts"
import { draft, readWhole, small, writeTogether, writeWhole } from "./files.ts"

/** A stored table: its address, and how long it is. */
export interface StoredTable {
  readonly digest: string
  readonly rows: number
}

/** The Arrow file of a table, readable by any Arrow tool. */
export const objectPath = (root: string, digest: string) => join(root, "objects", digest.slice(0, 2), `${digest}.arrow`)
const indexPath = (root: string, digest: string) => join(root, "objects", digest.slice(0, 2), `${digest}.json`)

/** Whether a table is there, every byte of it: a crash or a bad disk may have left a part, which a name alone doesn't tell. */
const isThere = (root: string, digest: string): Effect.Effect<boolean, StoreUnusable> =>
  verifyTable(root, digest).pipe(
    Effect.as(true),
    Effect.catchTag("StoreCorrupt", () => Effect.succeed(false)),
  )

/**
 * Stores a table, held from before it is looked for: an equal one that is there already stays. A small one is written at once, a large
 * one piece by piece.
 */
export const putTable = (root: string, table: Table, hold: Hold): Effect.Effect<StoredTable, StoreUnusable> =>
  Effect.suspend(() => {
    const encoding = encodeTable(table)
    const first: Array<Uint8Array> = []
    let size = 0
    let piece = encoding.next()
    while (piece.done !== true && size <= small) {
      first.push(piece.value)
      size += piece.value.byteLength
      piece = encoding.next()
    }
    const stored = (index: TableIndex) => {
      const digest = rootOf(index)
      const [object, beside] = [objectPath(root, digest), indexPath(root, digest)]
      return { object, beside, text: JSON.stringify(index), result: { digest, rows: table.numRows } }
    }
    if (piece.done === true) {
      const { object, beside, text, result } = stored(piece.value)
      const write = writeTogether(root, [
        [beside, Buffer.from(text)],
        [object, Buffer.concat(first)],
      ])
      return hold([result.digest]).pipe(
        Effect.andThen(isThere(root, result.digest)),
        Effect.flatMap((there) => Effect.as(there ? Effect.void : write, result)),
      )
    }
    return draft(root, ({ write, commit }) =>
      Effect.gen(function* () {
        for (const bytes of first) yield* write(bytes)
        while (piece.done !== true) {
          yield* write(piece.value)
          piece = encoding.next()
        }
        const { object, beside, text, result } = stored(piece.value)
        yield* hold([result.digest])
        if (yield* isThere(root, result.digest)) return result
        yield* writeWhole(root, beside, text, "more follows")
        yield* commit(object)
        return result
      }),
    )
  })

const isPiece = (value: unknown): boolean => {
  const { length, digest } = (value ?? {}) as { length?: unknown; digest?: unknown }
  return Number.isSafeInteger(length) && (length as number) >= 0 && typeof digest === "string"
}

/** The index of a table, which proves itself: its root is the table's digest. */
export const readIndex = (root: string, digest: string): Effect.Effect<TableIndex, StoreCorrupt | StoreUnusable> =>
  Effect.gen(function* () {
    const path = indexPath(root, digest)
    const bytes = yield* readWhole(path)
    if (bytes === undefined) return yield* new StoreCorrupt({ path, reason: "is missing" })
    const parsed = yield* Effect.try({
      try: () => JSON.parse(bytes.toString()) as TableIndex,
      catch: () => new StoreCorrupt({ path, reason: "is damaged" }),
    })
    const whole =
      isPiece(parsed?.head) && isPiece(parsed.tail) && Array.isArray(parsed.batches) && parsed.batches.every(isPiece)
    if (!whole || rootOf(parsed) !== digest) return yield* new StoreCorrupt({ path, reason: "is damaged" })
    return parsed
  })

/** Ranges of a table's file: of its bytes in memory, or of the open file. */
const ranges = (path: string, index: TableIndex) =>
  Effect.gen(function* () {
    const length = index.batches.reduce((sum, b) => sum + b.length, index.head.length + index.tail.length)
    const missing = new StoreCorrupt({ path, reason: "is missing" })
    if (length <= small) {
      const bytes = yield* readWhole(path)
      if (bytes === undefined) return yield* missing
      return { size: bytes.byteLength, at: (start: number, n: number) => Effect.succeed(bytes.slice(start, start + n)) }
    }
    const handle = yield* Effect.acquireRelease(
      Effect.tryPromise({
        try: () => open(path, "r"),
        catch: (error) => (codeOf(error) === "ENOENT" ? missing : StoreUnusable.of(path, error)),
      }),
      (file) => Effect.promise(() => file.close()),
    )
    const { size } = yield* Effect.promise(() => handle.stat())
    const at = (start: number, n: number) =>
      Effect.tryPromise({ try: () => readBytes(handle, start, n), catch: (error) => StoreUnusable.of(path, error) })
    return { size, at }
  })

/** Reads verified pieces of one file: bytes are checked before anything parses them. */
const reader = (root: string, digest: string, index: TableIndex) => {
  const path = objectPath(root, digest)
  let end = index.head.length
  const starts = index.batches.map(({ length }) => (end += length) - length)
  return Effect.gen(function* () {
    const { size, at } = yield* ranges(path, index)
    if (size > end + index.tail.length) return yield* new StoreCorrupt({ path, reason: "is longer than it was" })
    const piece = (start: number, { length, digest: wanted }: TableIndex["head"], what: string) =>
      Effect.gen(function* () {
        if (start + length > size) return yield* new StoreCorrupt({ path, reason: `ends within ${what}` })
        const bytes = yield* at(start, length)
        if (sha256(bytes) !== wanted) return yield* new StoreCorrupt({ path, reason: `${what} is damaged` })
        return bytes
      })
    const head = yield* piece(0, index.head, "the schema")
    return {
      piece,
      batch: (i: number) =>
        Effect.flatMap(piece(starts[i]!, index.batches[i]!, `batch ${i}`), (bytes) =>
          Effect.try({
            try: () => decodeBatch(head, bytes),
            // Bytes of a stranger's may be what they were, and never have been a table.
            catch: (error) => new StoreCorrupt({ path, reason: `batch ${i} is no Arrow table (${String(error)})` }),
          }),
        ),
    }
  })
}

/** One batch of a table, verified by itself. */
export const getBatch = (root: string, digest: string, batch: number) =>
  Effect.scoped(
    Effect.gen(function* () {
      const index = yield* readIndex(root, digest)
      return yield* (yield* reader(root, digest, index)).batch(batch)
    }),
  )

/** A whole table, verified batch by batch. */
export const getTable = (root: string, digest: string): Effect.Effect<Table, StoreCorrupt | StoreUnusable> =>
  Effect.scoped(
    Effect.gen(function* () {
      const index = yield* readIndex(root, digest)
      const file = yield* reader(root, digest, index)
      const parts: Array<Table> = []
      for (let i = 0; i < index.batches.length; i++) parts.push(yield* file.batch(i))
      return parts.length === 1
        ? parts[0]!
        : new Table(
            parts[0]!.schema,
            parts.flatMap((t) => t.batches),
          )
    }),
  )

/** Verifies every byte of a table without parsing any. */
export const verifyTable = (root: string, digest: string): Effect.Effect<void, StoreCorrupt | StoreUnusable> =>
  Effect.scoped(
    Effect.gen(function* () {
      const index = yield* readIndex(root, digest)
      const { piece } = yield* reader(root, digest, index)
      let at = index.head.length
      for (const [i, batch] of index.batches.entries()) {
        yield* piece(at, batch, `batch ${i}`)
        at += batch.length
      }
      yield* piece(at, index.tail, "the footer")
    }),
  )
