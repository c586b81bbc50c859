/** Files that are there whole or not at all: written under a temporary name, flushed, renamed. */
import { randomUUID } from "node:crypto"
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { open, rename, rm } from "node:fs/promises"
import { dirname, join } from "node:path"
import { Effect } from "effect"
import { codeOf, StoreUnusable } from "./error.ts"
import { flush, makeFolder, refuseLinks } from "./folder.ts"

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
const inFolder = async <A>(root: string, folder: string, body: () => Promise<A>): Promise<A> => {
  refuseLinks(root, folder)
  try {
    return await body()
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error
    makeFolder(folder)
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
  const opened = attempt(folder, () => inFolder(root, folder, () => open(path, "wx")))
  return Effect.acquireUseRelease(
    opened,
    (handle) =>
      body({
        write: (bytes) => attempt(path, () => handle.writeFile(bytes)),
        commit: (to, more) =>
          attempt(to, async () => {
            await handle.sync()
            await inFolder(root, dirname(to), () => rename(path, to))
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

/** Files up to this size are read and written on the spot: turns of the event loop would take longer than their bytes. */
export const small = 256 * 1024

/** Tries again once the folder is there. */
export const onTheSpot = <A>(root: string, folder: string, body: () => A): A => {
  refuseLinks(root, folder)
  try {
    return body()
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error
    makeFolder(folder)
    return body()
  }
}

/** Small files of one folder: all are written and flushed before the first of them appears. */
export const writeTogether = (
  root: string,
  files: ReadonlyArray<readonly [path: string, bytes: Uint8Array]>,
  more?: "more follows",
): Effect.Effect<void, StoreUnusable> =>
  Effect.try({
    try: () => {
      const folder = join(root, "tmp")
      const target = dirname(files[0]![0])
      const drafts = files.map(([path, bytes]) => [join(folder, randomUUID()), path, bytes] as const)
      try {
        for (const [draft, , bytes] of drafts)
          onTheSpot(root, folder, () => flush(draft, "wx", (file) => writeFileSync(file, bytes)))
        for (const [draft, path] of drafts) onTheSpot(root, target, () => renameSync(draft, path))
      } catch (error) {
        for (const [draft] of drafts) rmSync(draft, { force: true })
        throw error
      }
      if (more === undefined) flush(target, "r")
    },
    catch: (error) => StoreUnusable.of(files[0]![0], error),
  })

/** Writes a whole file at once. */
export const writeWhole = (root: string, path: string, content: Uint8Array | string, more?: "more follows") => {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content
  return bytes.byteLength <= small
    ? writeTogether(root, [[path, bytes]], more)
    : draft(root, ({ write, commit }) => Effect.andThen(write(bytes), commit(path, more)))
}

/** Removes files; one that is gone already is none the worse. */
export const removeFiles = (paths: ReadonlyArray<string>): Effect.Effect<void, StoreUnusable> =>
  Effect.forEach(paths, (path) => attempt(path, () => rm(path, { force: true })), { discard: true, concurrency: 16 })

/** The bytes of a small file, at once: a record or an index takes less time than a turn of the event loop. */
export const readWhole = (path: string): Effect.Effect<Uint8Array<ArrayBuffer> | undefined, StoreUnusable> =>
  Effect.suspend(() => {
    try {
      return Effect.succeed<Uint8Array<ArrayBuffer> | undefined>(readFileSync(path))
    } catch (error) {
      return codeOf(error) === "ENOENT" ? Effect.succeed(undefined) : Effect.fail(StoreUnusable.of(path, error))
    }
  })
