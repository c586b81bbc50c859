/** Checks every byte of a store; what is damaged can be removed, so that it is computed again. */
import { existsSync } from "node:fs"
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

interface Damage {
  readonly path: string
  readonly reason: string
  /** What a repair removes. */
  readonly files: ReadonlyArray<string>
  /** Looks at it again. */
  readonly isSound: Effect.Effect<boolean, StoreUnusable>
}

const isTable = (root: string, digest: string) => Effect.isSuccess(verifyTable(root, digest))
const isRun = (root: string, run: string) => Effect.map(readManifest(root, run), (manifest) => manifest !== undefined)
/** Whether there is a record, and every table that it needs. */
const isResult = (root: string, key: string): Effect.Effect<boolean, StoreUnusable> =>
  Effect.gen(function* () {
    const record = yield* readResult(root, key)
    if (record === undefined) return false
    return yield* Effect.isSuccess(
      Effect.forEach(Object.values(record.outputs), ({ digest }) => verifyTable(root, digest)),
    )
  })

/** Verifies all tables, records and manifests; with `repair` it removes those that are damaged. */
export const verifyStore = (root: string, repair: boolean): Effect.Effect<Verified, StoreUnusable> =>
  Effect.gen(function* () {
    const damaged: Array<Damage> = []
    // Records before tables, which are written the other way round: a run that goes on meanwhile leaves none without its table here.
    const results = yield* filesBelow(root, "results")
    const objects = yield* filesBelow(root, "objects")
    // An index alone is no table yet: whoever wrote it was stopped before the next rename.
    const digests = new Set(objects.filter((file) => file.name.endsWith(".arrow")).map((file) => stem(file.name)))
    const bad = new Set<string>()
    for (const digest of digests) {
      const checked = yield* Effect.result(verifyTable(root, digest))
      if (checked._tag === "Success") continue
      if (!(checked.failure instanceof StoreCorrupt)) return yield* checked.failure
      const { path, reason } = checked.failure
      const files = objects.filter((file) => stem(file.name) === digest).map((file) => file.path)
      damaged.push({ path, reason, files, isSound: isTable(root, digest) })
      bad.add(digest)
    }
    for (const { path, name } of results) {
      const record = yield* readResult(root, stem(name))
      const lost = Object.values(record?.outputs ?? {}).find(({ digest }) => bad.has(digest) || !digests.has(digest))
      if (record !== undefined && lost === undefined) continue
      const reason = record === undefined ? "is damaged" : `needs the table ${objectPath(root, lost!.digest)}`
      damaged.push({ path, reason, files: [path], isSound: isResult(root, stem(name)) })
    }
    const runs = yield* filesBelow(root, "runs")
    for (const { path, name } of runs) {
      const isSound = isRun(root, stem(name))
      if (!(yield* isSound)) damaged.push({ path, reason: "is damaged", files: [path], isSound })
    }
    // Who collects or computes meanwhile may have removed or mended it.
    const still = yield* Effect.filter(damaged, ({ files, isSound }) =>
      Effect.map(isSound, (sound) => !sound && files.every((file) => existsSync(file))),
    )
    if (repair) yield* removeFiles(still.flatMap((d) => d.files))
    return {
      tables: digests.size,
      results: results.length,
      runs: runs.length,
      damaged: still.map(({ path, reason }) => ({ path, reason })),
    }
  })
