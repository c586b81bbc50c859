/** Reads tables from files: whole, batch after batch, or one batch at random. */
import { type FileHandle, open, stat } from "node:fs/promises"
import type * as A from "apache-arrow"
import { Effect, type Scope, Stream } from "effect"
import { sha256 } from "../canonical/encode.ts"
import { attemptOn, TableUnreadable } from "./error.ts"
import { Malformed } from "../ipc/flatbuffer.ts"
import { locate } from "./locate.ts"
import { type Dictionaries, type FooterBlocks, loadBatch, loadDictionary, tableOf } from "../ipc/message.ts"
import { readBlock, splitBlock, verifyFile } from "./verify.ts"

/** An open file of a table. Only its schema was read; memory holds what is asked for. */
export interface TableFile {
  readonly path: string
  readonly schema: A.Schema
  /** Number of record batches. */
  readonly size: number
  /** The batch at this place, from 0, as a table by itself. */
  readonly batch: (index: number) => Effect.Effect<A.Table, TableUnreadable>
  /** All batches in turn; the next is read when it is asked for. */
  readonly batches: Stream.Stream<A.Table, TableUnreadable>
  /** The whole table. */
  readonly table: Effect.Effect<A.Table, TableUnreadable>
}

export interface OpenOptions {
  /**
   * Root digest of the table, for a file that relent wrote: every byte is read and compared with it before any is
   * parsed, and every batch again when it is read.
   */
  readonly digest?: string
}

/** All dictionaries after none of them was read, one, two, ... */
const readDictionaries = async (file: FileHandle, schema: A.Schema, found: FooterBlocks) => {
  const states: Array<Dictionaries> = [new Map()]
  for (const block of found.dictionaries) {
    const { message, body } = splitBlock(await readBlock(file, block), block)
    states.push(loadDictionary(schema, message, body, states.at(-1)!))
  }
  const first = states.at(found.batches[0]?.dictionaries ?? -1)!
  if (first.size < schema.dictionaries.size && found.batches.length + found.dictionaries.length > 0)
    throw new Malformed("a dictionary is missing")
  return states
}

/** Opens the file of a table, in Arrow's file format or its stream format; it is closed with the scope. */
export const openTable = (
  path: string,
  { digest }: OpenOptions = {},
): Effect.Effect<TableFile, TableUnreadable, Scope.Scope> =>
  Effect.gen(function* () {
    const attempt = attemptOn((reason) => new TableUnreadable({ path, ...reason }))
    // Looked at before it is opened, since opening a pipe waits for whoever writes to it.
    const { size } = yield* attempt(async () => {
      const found = await stat(path)
      if (!found.isFile()) throw new Malformed("it isn't a file", "give the path of a file")
      return found
    })
    const file = yield* Effect.acquireRelease(
      attempt(() => open(path, "r")),
      (handle) => Effect.promise(() => handle.close()),
    )
    const found = yield* attempt(() => locate(file, size))
    const verified = digest === undefined ? undefined : yield* attempt(() => verifyFile(file, found, digest))
    const schema = verified?.schema ?? found.schema
    const dictionaries = yield* attempt(() => readDictionaries(file, schema, found))

    const read = async (index: number): Promise<A.RecordBatch> => {
      const block = found.batches[index]
      if (block === undefined) throw new Malformed(`it has no batch ${index}`, `it has ${found.batches.length}, from 0`)
      const bytes = await readBlock(file, block)
      if (verified !== undefined && sha256(bytes) !== verified.digests[index])
        throw new Malformed(`batch ${index} changed while the file was open`, "make it again")
      const { message, body } = splitBlock(bytes, block)
      return loadBatch(schema, message, body, dictionaries.at(block.dictionaries ?? -1)!)
    }
    const batch = (index: number) => attempt(async () => tableOf(schema, [await read(index)]))
    const indices = Array.from(found.batches.keys())
    return {
      path,
      schema,
      size: indices.length,
      batch,
      batches: Stream.fromIterable(indices).pipe(Stream.mapEffect(batch)),
      table: Effect.flatMap(
        Effect.forEach(indices, (index) => attempt(() => read(index))),
        (all) => attempt(async () => tableOf(schema, all)),
      ),
    }
  })

/** Reads a whole table from a file. */
export const readTable = (path: string, options?: OpenOptions): Effect.Effect<A.Table, TableUnreadable> =>
  Effect.scoped(Effect.flatMap(openTable(path, options), ({ table }) => table))
