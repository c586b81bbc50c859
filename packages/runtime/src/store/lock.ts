/** A lock a key, over all processes. The kernel frees it when its owner ends, however it ends. */
import { accessSync, constants, existsSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { Context, Effect } from "effect"
import { codeOf, StoreUnusable } from "./error.ts"
import { makeFolder, refuseLink, refuseLinks } from "./folder.ts"

/** Where locks are. */
export const locks = (root: string) => join(root, "locks")

/** SQLite doesn't say why a file can't be opened or written: the system does. */
const reasonOf = (path: string, error: unknown): unknown => {
  if (codeOf(error) !== "ERR_SQLITE_ERROR") return error
  try {
    // Not by opening it: to close it again would free the locks that this process has on it.
    accessSync(existsSync(path) ? path : dirname(path), constants.W_OK)
    return error
  } catch (because) {
    return because
  }
}

const isBusy = (error: unknown) => (error as { errcode?: number }).errcode === 5

/**
 * An exclusive transaction on a file of its own: SQLite's locks are the system's. Undefined while another holds it, of this process too.
 * Closing the connection frees it; one has 100 KB, so none is kept.
 */
export const tryExclusive = (path: string): DatabaseSync | undefined => {
  refuseLink(path)
  const database = new DatabaseSync(path, { timeout: 0 })
  try {
    // Its journal would be a file: there may be no room for one, and a lock has nothing to undo.
    database.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE")
    return database
  } catch (error) {
    database.close()
    if (isBusy(error)) return undefined
    throw error
  }
}

/** What `body` gives while nobody has the lock of this connection for itself alone; undefined where somebody has. */
export const tryShared = <A>(database: DatabaseSync, body: () => A): A | undefined => {
  try {
    // The reading is what takes the lock.
    database.exec("BEGIN; SELECT count(*) FROM sqlite_schema")
    return body()
  } catch (error) {
    if (isBusy(error)) return undefined
    throw error
  } finally {
    if (database.isTransaction) database.exec("ROLLBACK")
  }
}

/** Told once of each wait that lasts: the process that is waited for. */
export const Waiting = Context.Reference<(owner: number) => Effect.Effect<void>>("relent/Waiting", {
  defaultValue: () => () => Effect.void,
})

/** A wait lasts when it is longer than this, in milliseconds. */
const patience = 1000

/** Beside a lock its last owner's process, for those who wait. Nothing else depends on it: a process's number is used again. */
const ownerFile = (path: string) => path.replace(/lock$/, "owner")
const signed = (path: string) => {
  try {
    refuseLink(ownerFile(path))
    writeFileSync(ownerFile(path), String(process.pid))
  } catch {
    // Who waits isn't told then.
  }
}
const ownerOf = (path: string): number | undefined => {
  try {
    return Number(readFileSync(ownerFile(path), "utf8")) || undefined
  } catch {
    return undefined
  }
}

/** Asks again and again for the lock at `path`, until it's given. */
export const untilGiven = <A>(path: string, ask: () => A | undefined): Effect.Effect<A, StoreUnusable> => {
  const asked = Effect.try({ try: ask, catch: (error) => StoreUnusable.of(path, reasonOf(path, error)) })
  const wait = (pause: number, waited: number): Effect.Effect<A, StoreUnusable> =>
    Effect.gen(function* () {
      const given = yield* asked
      if (given !== undefined) return given
      if (waited < patience && waited + pause >= patience) {
        const owner = ownerOf(path)
        if (owner !== undefined && owner !== process.pid) yield* (yield* Waiting)(owner)
      }
      yield* Effect.sleep(pause)
      return yield* wait(Math.min(pause * 1.5, 250), waited + pause)
    })
  return wait(10, 0)
}

/** Runs `body` while no other process, and no other fibre, has the lock at `path`. Waiting can be interrupted. */
export const withExclusive = <A, E, R>(
  path: string,
  body: Effect.Effect<A, E, R>,
): Effect.Effect<A, E | StoreUnusable, R> =>
  Effect.acquireUseRelease(
    Effect.interruptible(
      untilGiven(path, () => {
        const lock = tryExclusive(path)
        if (lock !== undefined) signed(path)
        return lock
      }),
    ),
    () => body,
    (lock) => Effect.sync(() => lock.close()),
  )

/** The lock of a key. Keys share 256 files, so that they don't pile up: two of one file only wait for each other. */
const lockOf = (root: string, key: string) =>
  Effect.try({
    try: () => {
      const path = join(locks(root), `${key.slice(0, 2)}.lock`)
      refuseLinks(root, path)
      makeFolder(locks(root))
      return path
    },
    catch: (error) => StoreUnusable.of(locks(root), error),
  })

/** Runs `body` while no other process, and no other fibre, does so for this key. */
export const withLock = <A, E, R>(
  root: string,
  key: string,
  body: Effect.Effect<A, E, R>,
): Effect.Effect<A, E | StoreUnusable, R> => Effect.flatMap(lockOf(root, key), (path) => withExclusive(path, body))
