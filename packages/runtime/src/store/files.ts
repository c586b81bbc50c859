/** Files that are there whole or not at all: written under a temporary name, flushed, renamed. */
import { randomUUID } from "node:crypto"
import { readFileSync } from "node:fs"
import { mkdir, open, rename, rm } from "node:fs/promises"
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
  /** Flushes, renames, and flushes the folder, unless another file is to be committed there at once. */
  readonly commit: (path: string, more?: "more follows") => Effect.Effect<void, StoreUnusable>
}

/** Tries again once the folder is there: nearly always it is, and asking first would cost more than the rest. */
const inFolder = async <A>(folder: string, body: () => Promise<A>): Promise<A> => {
  try {
    return await body()
  } catch (error) {
    if ((error as { code?: string }).code !== "ENOENT") throw error
    await mkdir(folder, { recursive: true })
    return body()
  }
}

/** Writes a file in pieces. Whatever was not committed is removed, also on interruption. */
export const draft = <A, E>(
  root: string,
  body: (draft: Draft) => Effect.Effect<A, E>,
): Effect.Effect<A, E | StoreUnusable> => {
  const folder = join(root, "tmp")
  const path = join(folder, randomUUID())
  let isCommitted = false
  const opened = attempt(folder, () => inFolder(folder, () => open(path, "wx")))
  return Effect.acquireUseRelease(
    opened,
    (handle) =>
      body({
        write: (bytes) => attempt(path, () => handle.writeFile(bytes)),
        commit: (to, more) =>
          attempt(to, async () => {
            await handle.sync()
            await inFolder(dirname(to), () => rename(path, to))
            isCommitted = true
            if (more === undefined) await flushFolder(dirname(to))
          }),
      }),
    (handle) =>
      Effect.promise(async () => {
        await handle.close()
        if (!isCommitted) await rm(path, { force: true })
      }),
  )
}

/** Writes a whole file at once. */
export const writeWhole = (root: string, path: string, bytes: Uint8Array | string, more?: "more follows") =>
  draft(root, ({ write, commit }) =>
    Effect.andThen(write(typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes), commit(path, more)),
  )

/** The bytes of a small file, at once: a record or an index takes less time than a turn of the event loop. */
export const readWhole = (path: string): Effect.Effect<Uint8Array<ArrayBuffer> | undefined, StoreUnusable> =>
  Effect.suspend(() => {
    try {
      return Effect.succeed<Uint8Array<ArrayBuffer> | undefined>(readFileSync(path))
    } catch (error) {
      return (error as { code?: string }).code === "ENOENT"
        ? Effect.succeed(undefined)
        : Effect.fail(StoreUnusable.of(path, error))
    }
  })
