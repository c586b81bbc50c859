/** The store: the content-addressed home of tables, results, checkpoints and manifests. */
import { resolve } from "node:path"
import type { Table } from "apache-arrow"
import { Context, Effect, Layer } from "effect"
import type { Manifest } from "../manifest.ts"
import { loadCheckpoint, removeCheckpoint, saveCheckpoint, type StoredCheckpoint } from "./checkpoints.ts"
import { differenceOf, type TableDifference } from "./difference.ts"
import type { StoreCorrupt, StoreError, StoreUnusable } from "./error.ts"
import { type Hold, holding } from "./held.ts"
import { withLock } from "./lock.ts"
import { getTable, putTable, type StoredTable, verifyTable } from "./objects.ts"
import { readResult, type ResultRecord, writeResult } from "./results.ts"
import { beginRun, endRun, listManifests, readManifest, writeManifest } from "./runs.ts"

export interface StoreShape {
  /** The folder. */
  readonly root: string
  readonly putTable: (table: Table) => Effect.Effect<StoredTable, StoreUnusable>
  /** A table whose every byte was verified. */
  readonly getTable: (digest: string) => Effect.Effect<Table, StoreError>
  readonly verifyTable: (digest: string) => Effect.Effect<void, StoreError>
  /** Where two tables first differ in a value. */
  readonly differenceOf: (before: string, after: string) => Effect.Effect<TableDifference | undefined, StoreError>
  /** As `lookUp`, for a run: what is found is held, and the name of what isn't, so that nobody collects it while this process runs. */
  readonly take: (key: string) => Effect.Effect<ResultRecord | StoreCorrupt | undefined, StoreUnusable>
  /** A result whose record and tables are verified; undefined when it must be computed. */
  readonly lookUp: (key: string) => Effect.Effect<ResultRecord | StoreCorrupt | undefined, StoreUnusable>
  readonly writeResult: (record: ResultRecord) => Effect.Effect<void, StoreUnusable>
  /** One at a time over all processes, for one key. */
  readonly withLock: <A, E, R>(key: string, body: Effect.Effect<A, E, R>) => Effect.Effect<A, E | StoreUnusable, R>
  readonly saveCheckpoint: (key: string, checkpoint: StoredCheckpoint) => Effect.Effect<void, StoreUnusable>
  readonly loadCheckpoint: (key: string) => Effect.Effect<StoredCheckpoint | undefined, StoreUnusable>
  readonly removeCheckpoint: (key: string) => Effect.Effect<void>
  /** A name for a run that begins now, and when it begins: after all that are there, in milliseconds since the epoch. */
  readonly beginRun: (pipeline: string, now: number) => Effect.Effect<{ readonly run: string; readonly begin: number }>
  readonly endRun: (run: string) => Effect.Effect<void>
  readonly writeManifest: (manifest: Manifest) => Effect.Effect<void, StoreUnusable>
  readonly readManifest: (run: string) => Effect.Effect<Manifest | undefined, StoreUnusable>
  /** Newest first. */
  readonly manifests: Effect.Effect<ReadonlyArray<Manifest>, StoreUnusable>
}

/** A hit is verified bytes, never a record alone. What it is made of is held before it is looked for. */
const take = (
  root: string,
  key: string,
  hold: Hold,
): Effect.Effect<ResultRecord | StoreCorrupt | undefined, StoreUnusable> =>
  Effect.gen(function* () {
    yield* hold([key])
    const record = yield* readResult(root, key)
    if (record === undefined) return undefined
    const digests = Object.values(record.outputs).map(({ digest }) => digest)
    yield* hold(digests)
    return yield* Effect.forEach(digests, (digest) => verifyTable(root, digest), { discard: true }).pipe(
      Effect.as(record),
      Effect.catchTag("StoreCorrupt", (corrupt) => Effect.succeed(corrupt)),
    )
  })

/** The home of results. */
export class Store extends Context.Service<Store, StoreShape>()("relent/Store") {
  /** A store in a folder, which is made when something is first written. */
  static readonly layer = (folder: string): Layer.Layer<Store> => {
    const root = resolve(folder)
    const store = (hold: Hold): StoreShape => ({
      root,
      putTable: (table) => putTable(root, table, hold),
      getTable: (digest) => getTable(root, digest),
      verifyTable: (digest) => verifyTable(root, digest),
      differenceOf: (before, after) => differenceOf(root, before, after),
      take: (key) => take(root, key, hold),
      lookUp: (key) => take(root, key, () => Effect.void),
      writeResult: (record) => writeResult(root, record),
      withLock: (key, body) => withLock(root, key, body),
      saveCheckpoint: (key, checkpoint) => saveCheckpoint(root, key, checkpoint),
      loadCheckpoint: (key) => loadCheckpoint(root, key),
      removeCheckpoint: (key) => removeCheckpoint(root, key),
      beginRun: (pipeline, now) => beginRun(root, pipeline, now),
      endRun: (run) => endRun(root, run),
      writeManifest: (manifest) => writeManifest(root, manifest),
      readManifest: (run) => readManifest(root, run),
      manifests: listManifests(root),
    })
    return Layer.effect(Store, Effect.map(holding(root), store))
  }
}
