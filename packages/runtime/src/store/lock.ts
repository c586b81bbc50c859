/** A lock a key, over all processes. The kernel frees it when its owner ends, however it ends. */
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { Effect } from "effect"
import { StoreUnusable } from "./error.ts"
import { makeFolder } from "./folder.ts"

/** Keys share 256 lock files, so that they don't pile up; two keys of one file only wait for each other. */
const lockFile = (root: string, key: string) => join(root, "locks", `${key.slice(0, 2)}.lock`)

/** Files that a fibre of this process has locked. */
const held = new Set<string>()

const isBusy = (error: unknown) => (error as { errcode?: number }).errcode === 5

/** A lock that is held; closing it frees it. A connection has 100 KB, so none is kept. */
interface Lock {
  readonly path: string
  readonly database: DatabaseSync
}

/** An exclusive transaction on a file of its own: SQLite's locks are the system's. Undefined while another holds it. */
const tryLock = (root: string, key: string): Effect.Effect<Lock | undefined, StoreUnusable> => {
  const path = lockFile(root, key)
  return Effect.try({
    try: () => {
      if (held.has(path)) return undefined
      makeFolder(join(root, "locks"))
      const database = new DatabaseSync(path, { timeout: 0 })
      try {
        database.exec("BEGIN EXCLUSIVE")
      } catch (error) {
        database.close()
        if (isBusy(error)) return undefined
        throw error
      }
      held.add(path)
      return { path, database }
    },
    catch: (error) => StoreUnusable.of(path, error),
  })
}

const release = ({ path, database }: Lock) => {
  database.close()
  held.delete(path)
}

const waitFor = (root: string, key: string, milliseconds: number): Effect.Effect<Lock, StoreUnusable> =>
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
    (lock) => Effect.sync(() => release(lock)),
  )
