/** Files that are there whole or not at all: written under a temporary name, flushed, renamed. */
import { randomUUID } from "node:crypto"
import { mkdir, open, readFile, rename, rm } from "node:fs/promises"
import { dirname, join } from "node:path"
import { Effect } from "effect"
import { StoreUnusable } from "./error.ts"

const attempt = <A>(path: string, body: () => Promise<A>): Effect.Effect<A, StoreUnusable> =>
  Effect.tryPromise({ try: body, catch: (error) => StoreUnusable.of(path, error) })

const flushFolder = async (folder: string) => {
  const handle = await open(folder, "r")
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** A file that is being written; it appears under its name when it is committed. */
export interface Draft {
  readonly write: (bytes: Uint8Array) => Effect.Effect<void, StoreUnusable>
  /** Flushes, renames, and flushes the folder. */
  readonly commit: (path: string) => Effect.Effect<void, StoreUnusable>
}

/** Writes a file in pieces. Whatever was not committed is removed, also on interruption. */
export const draft = <A, E>(
  root: string,
  body: (draft: Draft) => Effect.Effect<A, E>,
): Effect.Effect<A, E | StoreUnusable> => {
  const folder = join(root, "tmp")
  const path = join(folder, randomUUID())
  const opened = attempt(folder, async () => {
    await mkdir(folder, { recursive: true })
    return open(path, "wx")
  })
  return Effect.acquireUseRelease(
    opened,
    (handle) =>
      body({
        write: (bytes) => attempt(path, () => handle.writeFile(bytes)),
        commit: (to) =>
          attempt(to, async () => {
            await mkdir(dirname(to), { recursive: true })
            await handle.sync()
            await rename(path, to)
            await flushFolder(dirname(to))
          }),
      }),
    (handle) => Effect.promise(() => handle.close().then(() => rm(path, { force: true }))),
  )
}

/** Writes a whole file at once. */
export const writeWhole = (root: string, path: string, bytes: Uint8Array | string) =>
  draft(root, ({ write, commit }) =>
    Effect.andThen(write(typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes), commit(path)),
  )

/** The bytes of a file; undefined where there is none. */
export const readWhole = (path: string): Effect.Effect<Uint8Array<ArrayBuffer> | undefined, StoreUnusable> =>
  attempt(path, async () => {
    try {
      return await readFile(path)
    } catch (error) {
      if ((error as { code?: string }).code === "ENOENT") return undefined
      throw error
    }
  })
