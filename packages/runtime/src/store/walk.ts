/** What lies in a store's folders. */
import { readdir, stat } from "node:fs/promises"
import { join } from "node:path"
import { Effect } from "effect"
import { codeOf, StoreUnusable } from "./error.ts"
import { refuseLinks } from "./folder.ts"

export interface Found {
  readonly path: string
  /** File name without folder. */
  readonly name: string
  readonly bytes: number
  /** Milliseconds since the epoch. */
  readonly modified: number
}

/** Where others write and remove, a file may be gone before it's looked at. */
const isGone = (error: unknown): undefined => {
  if (codeOf(error) !== "ENOENT") throw error
}

/** The files below `folder` of a store; none where the folder isn't there. */
export const filesBelow = (root: string, folder: string): Effect.Effect<ReadonlyArray<Found>, StoreUnusable> =>
  Effect.tryPromise({
    try: async () => {
      const top = join(root, folder)
      refuseLinks(root, top)
      const entries = (await readdir(top, { recursive: true, withFileTypes: true }).catch(isGone)) ?? []
      const files = entries.filter((entry) => entry.isFile())
      const found = await Promise.all(
        files.map(async (entry): Promise<Found | undefined> => {
          const path = join(entry.parentPath, entry.name)
          const now = await stat(path).catch(isGone)
          return now && { path, name: entry.name, bytes: now.size, modified: now.mtimeMs }
        }),
      )
      return found.filter((file) => file !== undefined)
    },
    catch: (error) => StoreUnusable.of(join(root, folder), error),
  })

/** The part of a file name before its ending: a digest, a key. */
export const stem = (name: string): string => name.slice(0, name.lastIndexOf("."))
