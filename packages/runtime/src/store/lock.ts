/** A lock a key, over all processes. The kernel frees it when its owner ends, however it ends. */
import { closeSync, openSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { Effect } from "effect"
import { StoreUnusable } from "./error.ts"
import { makeFolder, refuseLinks } from "./folder.ts"

/** Keys share 256 lock files, so that they don't pile up; two keys of one file only wait for each other. */
const lockFile = (root: string, key: string) => join(root, "locks", `${key.slice(0, 2)}.lock`)

/** SQLite doesn't say why a file can't be opened or written: the system does. */
const reasonOf = (path: string, error: unknown): unknown => {
  if ((error as { code?: string }).code !== "ERR_SQLITE_ERROR") return error
  try {
    closeSync(openSync(path, "a"))
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
const tryLock = (root: string, key: string): Effect.Effect<DatabaseSync | undefined, StoreUnusable> => {
  const path = lockFile(root, key)
  return Effect.try({
    try: () => {
      refuseLinks(root, path)
      makeFolder(join(root, "locks"))
      const database = new DatabaseSync(path, { timeout: 0 })
      try {
        database.exec("BEGIN EXCLUSIVE")
        return database
      } catch (error) {
        database.close()
        if (isBusy(error)) return undefined
        throw error
      }
    },
    catch: (error) => StoreUnusable.of(path, reasonOf(path, error)),
  })
}

const waitFor = (root: string, key: string, milliseconds: number): Effect.Effect<DatabaseSync, StoreUnusable> =>
  Effect.flatMap(tryLock(root, key), (lock) =>
    lock === undefined
      ? Effect.andThen(Effect.sleep(milliseconds), waitFor(root, key, Math.min(milliseconds * 1.5, 250)))
      : Effect.succeed(lock),
  )

/** Runs `body` while no other process, and no other fibre, does so for this key. Waiting can be interrupted. */
export const withLock = <A, E, R>(
  root: string,
  key: string,
  body: Effect.Effect<A, E, R>,
): Effect.Effect<A, E | StoreUnusable, R> =>
  Effect.acquireUseRelease(
    Effect.interruptible(waitFor(root, key, 10)),
    () => body,
    (lock) => Effect.sync(() => lock.close()),
  )
