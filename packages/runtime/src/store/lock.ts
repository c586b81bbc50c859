/** A lock a key, over all processes. The kernel frees it when its owner ends, however it ends. */
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { Effect } from "effect"
import { StoreUnusable } from "./error.ts"
import { makeFolder } from "./folder.ts"

/** Keys share 256 lock files, so that they don't pile up; two keys of one file only wait for each other. */
const lockFile = (root: string, key: string) => join(root, "locks", `${key.slice(0, 2)}.lock`)

/** A lock file of this process: opened once, since opening costs more than locking. */
interface Lock {
  readonly database: DatabaseSync
  /** By a fibre of this process. */
  isHeld: boolean
}
const opened = new Map<string, Lock>()

const open = (root: string, path: string): Lock => {
  const known = opened.get(path)
  if (known !== undefined) return known
  makeFolder(join(root, "locks"))
  const lock = { database: new DatabaseSync(path), isHeld: false }
  lock.database.exec("PRAGMA busy_timeout = 0")
  opened.set(path, lock)
  return lock
}

const isBusy = (error: unknown) => (error as { errcode?: number }).errcode === 5

/** An exclusive transaction on a file of its own: SQLite's locks are the system's. Undefined while another holds it. */
const tryLock = (root: string, key: string) => {
  const path = lockFile(root, key)
  return Effect.try({
    try: () => {
      const lock = open(root, path)
      if (lock.isHeld) return undefined
      try {
        lock.database.exec("BEGIN EXCLUSIVE")
      } catch (error) {
        if (isBusy(error)) return undefined
        throw error
      }
      lock.isHeld = true
      return lock
    },
    catch: (error) => {
      opened.delete(path)
      return StoreUnusable.of(path, error)
    },
  })
}

const release = (lock: Lock) => {
  lock.database.exec("ROLLBACK")
  lock.isHeld = false
}

const waitFor = (root: string, key: string, milliseconds: number): Effect.Effect<Lock, StoreUnusable> =>
  Effect.flatMap(tryLock(root, key), (held) =>
    held === undefined
      ? Effect.andThen(Effect.sleep(milliseconds), waitFor(root, key, Math.min(milliseconds * 1.5, 250)))
      : Effect.succeed(held),
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
    (held) => Effect.sync(() => release(held)),
  )
