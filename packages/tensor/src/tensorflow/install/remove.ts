/** `relent backend remove tensorflow` and `relent backend list`. */
import { existsSync } from "node:fs"
import { rm } from "node:fs/promises"
import { Effect } from "effect"
import { type Installation, installation, tensorflowFolder } from "../installation.ts"
import { bytesIn } from "./digests.ts"
import { CacheUnusable, NotInstalled } from "./error.ts"
import { clear, downloadsFolder, lockFile } from "./folders.ts"
import { alone } from "./lock.ts"
import { discard } from "./place.ts"
import type { Report } from "./report.ts"

export interface Installed extends Installation {
  readonly name: "tensorflow"
  readonly folder: string
  readonly bytes: number
}

/** What is installed for this user. */
export const list: Effect.Effect<ReadonlyArray<Installed>, CacheUnusable> = Effect.suspend(() => {
  const [folder, found] = [tensorflowFolder(), installation()]
  if (found === undefined) return Effect.succeed([])
  return Effect.tryPromise({
    try: async () => [{ name: "tensorflow" as const, folder, bytes: await bytesIn(folder), ...found }],
    catch: (cause) => CacheUnusable.of(folder, cause),
  })
})

/** Removes the installation, and what an `add` that failed has kept. Gives the bytes that are free now. */
export const remove = (
  report: Report = () => {},
): Effect.Effect<{ readonly folder: string; readonly bytes: number }, NotInstalled | CacheUnusable> =>
  Effect.gen(function* () {
    const [folder, downloads] = [tensorflowFolder(), downloadsFolder()]
    const there = [folder, downloads].filter((path) => existsSync(path))
    if (there.length === 0) return yield* new NotInstalled({ folder })
    const body = Effect.tryPromise({
      try: async () => {
        let bytes = 0
        for (const path of there) bytes += await bytesIn(path)
        await discard(folder)
        await rm(downloads, { recursive: true, force: true })
        return { folder, bytes }
      },
      catch: (cause) => CacheUnusable.of(folder, cause),
    }).pipe(Effect.uninterruptible)
    const waiting = () => report({ doing: "waiting", what: "another process is installing or removing it" })
    return yield* alone(lockFile(), waiting, Effect.andThen(clear, body))
  })
