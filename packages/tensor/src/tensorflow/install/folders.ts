/** The folders that installing works in, and what a run that was killed left in them. */
import { readdir, rm } from "node:fs/promises"
import { join } from "node:path"
import { Effect } from "effect"
import { cacheFolder } from "../installation.ts"
import { CacheUnusable } from "./error.ts"

/** Beside the installation, so that what is built there takes its place in one rename. */
export const backendsFolder = (): string => join(cacheFolder(), "backends")
/** What is downloaded stays here until the installation succeeds. */
export const downloadsFolder = (): string => join(cacheFolder(), "downloads")
export const lockFile = (): string => join(backendsFolder(), "tensorflow.lock")

/** Folders that begin so are work in progress: who has the lock may remove them. */
export const prefixes = { building: ".building-", partial: ".partial-", removed: ".removed-" } as const

/** Removes what a killed run left behind. For who has the lock. */
export const clear: Effect.Effect<void, CacheUnusable> = Effect.forEach(
  [backendsFolder, downloadsFolder],
  (folderOf) => {
    const folder = folderOf()
    return Effect.tryPromise({
      try: async () => {
        const names = await readdir(folder).catch(() => [])
        const left = names.filter((name) => Object.values(prefixes).some((prefix) => name.startsWith(prefix)))
        for (const name of left) await rm(join(folder, name), { recursive: true, force: true, maxRetries: 5 }) // an orphan may still write there
      },
      catch: (cause) => CacheUnusable.of(folder, cause),
    })
  },
  { discard: true },
)
