/** What lies in a store's folders. */
import { readdir, stat } from "node:fs/promises"
import { join } from "node:path"
import { Effect } from "effect"
import { StoreUnusable } from "./error.ts"
import { refuseLinks } from "./folder.ts"

export interface Found {
  readonly path: string
  /** File name without folder. */
  readonly name: string
  readonly bytes: number
  /** Milliseconds since the epoch. */
  readonly modified: number
}

/** The files below `folder` of a store; none where the folder isn't there. */
export const filesBelow = (root: string, folder: string): Effect.Effect<ReadonlyArray<Found>, StoreUnusable> =>
  Effect.tryPromise({
    try: async () => {
      const top = join(root, folder)
      refuseLinks(root, top)
      const entries = await readdir(top, { recursive: true, withFileTypes: true }).catch((error: { code?: string }) =>
        error.code === "ENOENT" ? [] : Promise.reject(error),
      )
      const files = entries.filter((entry) => entry.isFile())
      return Promise.all(
        files.map(async (entry): Promise<Found> => {
          const path = join(entry.parentPath, entry.name)
          const { size, mtimeMs } = await stat(path)
          return { path, name: entry.name, bytes: size, modified: mtimeMs }
        }),
      )
    },
    catch: (error) => StoreUnusable.of(join(root, folder), error),
  })

/** The part of a file name before its ending: a digest, a key. */
export const stem = (name: string): string => name.slice(0, name.lastIndexOf("."))
