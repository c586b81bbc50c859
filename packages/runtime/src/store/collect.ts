/** Removes what no run needs. */
import { Clock, Effect } from "effect"
import type { StoreUnusable } from "./error.ts"
import { removeFiles } from "./files.ts"
import { readResult } from "./results.ts"
import { listManifests } from "./runs.ts"
import { type Found, filesBelow, stem } from "./walk.ts"

export interface Collected {
  readonly files: number
  readonly bytes: number
  readonly keptRuns: number
}

/** What is younger may belong to a run that hasn't ended: it stays. */
const grace = 60 * 60 * 1000

/**
 * Keeps the newest `keep` runs of each pipeline (all, if not given), their results and tables, and whatever is younger than an hour.
 * Nothing is removed in a dry run.
 */
export const collectGarbage = (
  root: string,
  options: { readonly keep?: number; readonly dryRun?: boolean; readonly grace?: number } = {},
): Effect.Effect<Collected, StoreUnusable> =>
  Effect.gen(function* () {
    const before = (yield* Clock.currentTimeMillis) - (options.grace ?? grace)
    const manifests = yield* listManifests(root)
    const byPipeline = Map.groupBy(manifests, (m) => m.pipeline)
    const kept = [...byPipeline.values()].flatMap((runs) => runs.slice(0, options.keep ?? runs.length))
    const runs = new Set(kept.map((m) => m.run))
    const keys = new Set(kept.flatMap((m) => m.steps.map((s) => s.key)))

    const isOld = (file: Found) => file.modified < before
    const results = yield* filesBelow(root, "results")
    const deadResults = results.filter((file) => isOld(file) && !keys.has(stem(file.name)))
    const dead = new Set(deadResults.map((file) => file.path))
    const needed = new Set<string>()
    for (const file of results) {
      if (dead.has(file.path)) continue
      const record = yield* readResult(root, stem(file.name))
      for (const { digest } of Object.values(record?.outputs ?? {})) needed.add(digest)
    }
    const objects = (yield* filesBelow(root, "objects")).filter((file) => isOld(file) && !needed.has(stem(file.name)))
    const drafts = (yield* filesBelow(root, "tmp")).filter(isOld)
    const manifestFiles = (yield* filesBelow(root, "runs")).filter((file) => isOld(file) && !runs.has(stem(file.name)))
    const all = [...manifestFiles, ...deadResults, ...objects, ...drafts]
    // Records go before the tables they name: a stop between the two leaves no record without its table.
    if (options.dryRun !== true)
      for (const files of [manifestFiles, deadResults, objects, drafts])
        yield* removeFiles(files.map((file) => file.path))
    return { files: all.length, bytes: all.reduce((sum, file) => sum + file.bytes, 0), keptRuns: kept.length }
  })
