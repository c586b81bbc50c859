/** Manifests of runs, newest first. */
import { readdir } from "node:fs/promises"
import { join } from "node:path"
import { Effect, Schema } from "effect"
import { Manifest } from "../manifest.ts"
import { StoreUnusable } from "./error.ts"
import { readWhole, writeWhole } from "./files.ts"

const folder = (root: string) => join(root, "runs")
const decode = Schema.decodeUnknownEffect(Schema.fromJsonString(Manifest))

export const writeManifest = (root: string, manifest: Manifest): Effect.Effect<void, StoreUnusable> =>
  writeWhole(root, join(folder(root), `${manifest.run}.json`), `${JSON.stringify(manifest, undefined, 1)}\n`)

/** The manifest of a run; undefined where there is none that can be read. */
export const readManifest = (root: string, run: string): Effect.Effect<Manifest | undefined, StoreUnusable> =>
  Effect.gen(function* () {
    const bytes = yield* readWhole(join(folder(root), `${run}.json`))
    if (bytes === undefined) return undefined
    const decoded = yield* Effect.result(decode(bytes.toString()))
    return decoded._tag === "Success" ? decoded.success : undefined
  })

/** All manifests, newest first. */
export const listManifests = (root: string): Effect.Effect<ReadonlyArray<Manifest>, StoreUnusable> =>
  Effect.gen(function* () {
    const names = yield* Effect.tryPromise({
      try: () =>
        readdir(folder(root)).catch((error: { code?: string }) =>
          error.code === "ENOENT" ? [] : Promise.reject(error),
        ),
      catch: (error) => StoreUnusable.of(folder(root), error),
    })
    const runs = names.filter((name) => name.endsWith(".json")).map((name) => name.slice(0, -".json".length))
    const found = yield* Effect.forEach(runs, (run) => readManifest(root, run), { concurrency: 16 })
    return found.filter((m) => m !== undefined).toSorted((a, b) => (a.started < b.started ? 1 : -1))
  })
