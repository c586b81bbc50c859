/** Puts what was built in its place, and takes away what was there. */
import { existsSync } from "node:fs"
import { mkdtemp, open, rename, rm, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { Effect } from "effect"
import { type Installation, tensorflowFolder } from "../installation.ts"
import { filesIn } from "./digests.ts"
import { CacheUnusable } from "./error.ts"
import { prefixes } from "./folders.ts"

const flush = async (path: string) => {
  const file = await open(path)
  await file.sync()
  await file.close()
}

/** Away in one rename, then deleted: whoever has its files open keeps them. */
export const discard = async (folder: string): Promise<void> => {
  if (!existsSync(folder)) return
  const aside = await mkdtemp(join(dirname(folder), prefixes.removed))
  await rename(folder, join(aside, "old"))
  await rm(aside, { recursive: true, force: true })
}

/** Writes `installed.json`, flushes all, and lets `built` take the place of what was installed. */
export const place = (built: string, record: Installation): Effect.Effect<void, CacheUnusable> =>
  Effect.tryPromise({
    try: async () => {
      await writeFile(join(built, "installed.json"), `${JSON.stringify(record, undefined, 2)}\n`)
      for (const path of await filesIn(built)) await flush(join(built, path))
      const folder = tensorflowFolder()
      await discard(folder)
      await rename(built, folder)
      await flush(dirname(folder))
    },
    catch: (cause) => CacheUnusable.of(tensorflowFolder(), cause),
  }).pipe(Effect.uninterruptible)
