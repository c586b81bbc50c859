/** Removes what no run needs. */
import { Clock, Effect } from "effect"
import { StoreUnusable } from "./error.ts"
import { removeFiles } from "./files.ts"
import { collect, type Held } from "./held.ts"
import { readResult } from "./results.ts"
import { listManifests } from "./runs.ts"
import { type Found, filesBelow, stem } from "./walk.ts"

export interface Collected {
  readonly files: number
  readonly bytes: number
  readonly keptRuns: number
}

/** What is younger may belong to a run that was killed and goes on: it stays. */
const grace = 60 * 60 * 1000

interface Options {
  readonly keep?: number
  readonly dryRun?: boolean
  readonly grace?: number
}

const collected = (root: string, options: Options, held: Held): Effect.Effect<Collected, StoreUnusable> =>
  Effect.gen(function* () {
    const before = (yield* Clock.currentTimeMillis) - (options.grace ?? grace)
    const isOld = (file: Found) => file.modified < before
    const manifestFiles = yield* filesBelow(root, "runs")
    const young = new Set(manifestFiles.filter((file) => !isOld(file)).map((file) => stem(file.name)))
    const manifests = yield* listManifests(root)
    const known = new Set(manifests.map((m) => m.run))
    const unreadable = manifestFiles.find((file) => !known.has(stem(file.name)))
    if (unreadable !== undefined)
      return yield* new StoreUnusable({
        path: unreadable.path,
        reason: "is damaged: what this run needs isn't known, so nothing is removed",
        hint: "relent store verify --repair removes it",
      })
    const byPipeline = Map.groupBy(manifests, (m) => m.pipeline)
    const kept = [...byPipeline.values()].flatMap((runs) =>
      runs.filter((m, i) => i < (options.keep ?? Infinity) || young.has(m.run)),
    )
    const runs = new Set(kept.map((m) => m.run))
    const keys = new Set([...held.names, ...kept.flatMap((m) => m.steps.map((s) => s.key))])

    const results = yield* filesBelow(root, "results")
    const deadResults = results.filter((file) => isOld(file) && !keys.has(stem(file.name)))
    const dead = new Set(deadResults.map((file) => file.path))
    const needed = new Set(held.names)
    for (const step of kept.flatMap((m) => m.steps))
      for (const { digest } of Object.values(step.outputs)) needed.add(digest)
    for (const file of results) {
      if (dead.has(file.path)) continue
      const record = yield* readResult(root, stem(file.name))
      for (const { digest } of Object.values(record?.outputs ?? {})) needed.add(digest)
    }
    const objects = (yield* filesBelow(root, "objects")).filter((file) => isOld(file) && !needed.has(stem(file.name)))
    // A draft has no name yet that could be held.
    const drafts = held.processes > 0 ? [] : (yield* filesBelow(root, "tmp")).filter(isOld)
    const deadManifests = manifestFiles.filter((file) => isOld(file) && !runs.has(stem(file.name)))
    const all = [...deadManifests, ...deadResults, ...objects, ...drafts]
    if (options.dryRun !== true && all.length > 0) {
      if (held.obstacle !== undefined) return yield* StoreUnusable.of(root, held.obstacle)
      // Records go before the tables they name: a stop between the two leaves no record without its table.
      for (const files of [deadManifests, deadResults, objects, drafts])
        yield* removeFiles(files.map((file) => file.path))
    }
    return { files: all.length, bytes: all.reduce((sum, file) => sum + file.bytes, 0), keptRuns: kept.length }
  })

/**
 * Keeps the newest `keep` runs of each pipeline (all, if not given), their results and tables, whatever is younger than an hour, and
 * what running processes hold. Nothing is removed in a dry run.
 */
export const collectGarbage = (root: string, options: Options = {}): Effect.Effect<Collected, StoreUnusable> =>
  collect(root, (held) => collected(root, options, held))
