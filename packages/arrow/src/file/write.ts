/** Writes tables to files in their canonical form, with back-pressure: the next batch is asked for when the last is on disk. */
import { open, rename, rm } from "node:fs/promises"
import type * as A from "apache-arrow"
import { Effect, Stream } from "effect"
import { writeBytes } from "./bytes.ts"
import { TableMismatch } from "../check.ts"
import { rootOf, TableEncoder, type TableIndex } from "../canonical/encode.ts"
import { attemptOn, TableUnwritable } from "./error.ts"

/** What was written. */
export interface WrittenTable {
  /** Root digest of the table: the same however its rows were cut into batches. */
  readonly digest: string
  readonly rows: number
  readonly index: TableIndex
}

/** A number for each unfinished file of this process, so that two writers of one path don't meet. */
let drafts = 0

/**
 * Writes a table, or tables as they come (the batches of one table), to an Arrow IPC file. The file appears under its
 * name when it is whole: an interrupted or failed write leaves nothing behind.
 *
 * Fails with `TableMismatch` for columns that tables don't hold, and for a stream without any batch, whose columns
 * nobody knows; with `TableUnwritable` if the file can't be written.
 */
export const writeTable = <E = never, R = never>(
  path: string,
  source: A.Table | Stream.Stream<A.Table, E, R>,
): Effect.Effect<WrittenTable, E | TableMismatch | TableUnwritable, R> =>
  Effect.scoped(
    Effect.gen(function* () {
      const attempt = attemptOn((reason) => new TableUnwritable({ path, ...reason }))
      const draft = `${path}.${process.pid}-${drafts++}.part`
      const file = yield* Effect.acquireRelease(
        attempt(() => open(draft, "wx")),
        (handle) => Effect.promise(() => handle.close().then(() => rm(draft, { force: true }))),
      )
      let encoder: TableEncoder | undefined
      /** Writes each piece before the next is made. */
      const drain = Effect.fnUntraced(function* <T>(pieces: Generator<Uint8Array, T>) {
        for (;;) {
          const { done, value } = yield* TableMismatch.attempt(() => pieces.next())
          if (done === true) return value
          yield* attempt(() => writeBytes(file, value))
        }
      })
      const push = Effect.fnUntraced(function* (table: A.Table) {
        if (encoder === undefined) {
          const first = yield* TableMismatch.attempt(() => new TableEncoder(table.schema, { reuse: true }))
          encoder = first
          yield* attempt(() => writeBytes(file, first.head()))
        }
        for (const batch of table.batches) yield* drain(encoder.push(batch))
      })
      if (Stream.isStream(source)) yield* Stream.runForEach(source, push)
      else yield* push(source)
      if (encoder === undefined)
        return yield* new TableMismatch({
          schema: "a stored table",
          problems: ["there is no batch, so its columns aren't known: give at least one, which may be empty"],
        })
      const index = yield* drain(encoder.finish())
      yield* attempt(() => file.sync())
      yield* attempt(() => rename(draft, path))
      return { digest: rootOf(index), rows: index.batches.reduce((n, { rows }) => n + rows, 0), index }
    }),
  )
