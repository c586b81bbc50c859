/** One installs or removes at a time, over all processes: SQLite's locks are the system's, which frees them when their owner ends. */
import { dirname } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { Effect } from "effect"
import { CacheUnusable } from "./error.ts"
import { makeFolder } from "./make-folder.ts"

const isBusy = (error: unknown) => (error as { errcode?: number }).errcode === 5

/** Undefined while another has it. */
const tryLock = (path: string): Effect.Effect<DatabaseSync | undefined, CacheUnusable> =>
  Effect.try({
    try: () => {
      makeFolder(dirname(path))
      const database = new DatabaseSync(path)
      try {
        database.exec("PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE")
        return database
      } catch (error) {
        database.close()
        if (isBusy(error)) return undefined
        throw error
      }
    },
    catch: (cause) => CacheUnusable.of(path, cause),
  })

const waitFor = (path: string): Effect.Effect<DatabaseSync, CacheUnusable> =>
  Effect.flatMap(tryLock(path), (held) =>
    held === undefined ? Effect.andThen(Effect.sleep(200), waitFor(path)) : Effect.succeed(held),
  )

/** Runs `body` alone; `waiting` is called if another is at it. Waiting can be interrupted. */
export const alone = <A, E, R>(
  path: string,
  waiting: () => void,
  body: Effect.Effect<A, E, R>,
): Effect.Effect<A, E | CacheUnusable, R> =>
  Effect.acquireUseRelease(
    Effect.interruptible(
      Effect.flatMap(tryLock(path), (held) => {
        if (held !== undefined) return Effect.succeed(held)
        waiting()
        return waitFor(path)
      }),
    ),
    () => body,
    (held) => Effect.sync(() => held.close()),
  )
