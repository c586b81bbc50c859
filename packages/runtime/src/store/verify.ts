/** Checks every byte of a store; what is damaged can be removed, so that it is computed again. */
import { existsSync } from "node:fs"
import { basename, relative, sep } from "node:path"
import { Effect } from "effect"
import { StoreCorrupt, type StoreUnusable } from "./error.ts"
import { removeFiles } from "./files.ts"
import { objectPath, verifyTable } from "./objects.ts"
import { readResult } from "./results.ts"
import { readManifest } from "./runs.ts"
import { filesBelow, stem } from "./walk.ts"

export interface Verified {
  readonly tables: number
  readonly results: number
  readonly runs: number
  readonly damaged: ReadonlyArray<{ readonly path: string; readonly reason: string }>
}

/** Whether a table, a record or a manifest is whole, and for a record its tables. */
const isSound = (root: string, path: string): Effect.Effect<boolean, StoreUnusable> =>
  Effect.gen(function* () {
    const name = stem(basename(path))
    const folder = relative(root, path).split(sep)[0]
    if (folder === "objects") return yield* Effect.isSuccess(verifyTable(root, name))
    if (folder === "runs") return (yield* readManifest(root, name)) !== undefined
    const record = yield* readResult(root, name)
    if (record === undefined) return false
    return yield* Effect.isSuccess(
      Effect.forEach(Object.values(record.outputs), ({ digest }) => verifyTable(root, digest)),
    )
  })

/** Verifies all tables, records and manifests; with `repair` it removes those that are damaged. */
export const verifyStore = (root: string, repair: boolean): Effect.Effect<Verified, StoreUnusable> =>
  Effect.gen(function* () {
    const damaged: Array<{ path: string; reason: string; files: ReadonlyArray<string> }> = []
    // Records before tables, which are written the other way round: a run that goes on meanwhile leaves none without its table here.
    const results = yield* filesBelow(root, "results")
    const objects = yield* filesBelow(root, "objects")
    // An index alone is no table yet: whoever wrote it was stopped before the next rename.
    const digests = new Set(objects.filter((file) => file.name.endsWith(".arrow")).map((file) => stem(file.name)))
    for (const digest of digests) {
      const checked = yield* Effect.result(verifyTable(root, digest))
      if (checked._tag === "Success") continue
      if (!(checked.failure instanceof StoreCorrupt)) return yield* checked.failure
      const files = objects.filter((file) => stem(file.name) === digest).map((file) => file.path)
      damaged.push({ path: checked.failure.path, reason: checked.failure.reason, files })
    }
    const bad = new Set(damaged.map((d) => stem(d.path.slice(d.path.lastIndexOf("/") + 1))))
    for (const { path, name } of results) {
      const record = yield* readResult(root, stem(name))
      const lost = Object.values(record?.outputs ?? {}).find(({ digest }) => bad.has(digest) || !digests.has(digest))
      if (record !== undefined && lost === undefined) continue
      const reason = record === undefined ? "is damaged" : `needs the table ${objectPath(root, lost!.digest)}`
      damaged.push({ path, reason, files: [path] })
    }
    const runs = yield* filesBelow(root, "runs")
    for (const { path, name } of runs)
      if ((yield* readManifest(root, stem(name))) === undefined)
        damaged.push({ path, reason: "is damaged", files: [path] })
    // Who collects or computes meanwhile may have removed or mended it.
    const still = yield* Effect.filter(damaged, ({ path, files: [file] }) =>
      Effect.map(isSound(root, file ?? path), (sound) => !sound && existsSync(file ?? path)),
    )
    if (repair) yield* removeFiles(still.flatMap((d) => d.files))
    return {
      tables: digests.size,
      results: results.length,
      runs: runs.length,
      damaged: still.map(({ path, reason }) => ({ path, reason })),
    }
  })
