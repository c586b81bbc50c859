/** Manifests of runs, newest first. */
import { readdir } from "node:fs/promises"
import { join } from "node:path"
import { sha256 } from "@relent/arrow"
import { Effect, Schema } from "effect"
import { Manifest } from "../manifest.ts"
import { StoreUnusable } from "./error.ts"
import { readWhole, writeWhole } from "./files.ts"

const folder = (root: string) => join(root, "runs")
const decode = Schema.decodeUnknownEffect(Schema.fromJsonString(Manifest))

/** JSON whose last field is the digest of all that stands before it. */
const mark = ',\n "digest": "'
const seal = (manifest: Manifest): string => {
  const body = JSON.stringify(manifest, undefined, 1).slice(0, -2)
  return `${body}${mark}${sha256(body)}"\n}\n`
}

/** What is sealed; undefined where a byte isn't as it was. */
const unseal = (text: string): string | undefined => {
  const body = text.slice(0, Math.max(0, text.lastIndexOf(mark)))
  return text === `${body}${mark}${sha256(body)}"\n}\n` ? `${body}\n}` : undefined
}

export const manifestPath = (root: string, run: string) => join(folder(root), `${run}.json`)

export const writeManifest = (root: string, manifest: Manifest): Effect.Effect<void, StoreUnusable> =>
  writeWhole(root, manifestPath(root, manifest.run), seal(manifest))

/** The manifest of a run; undefined where there is none, or one that isn't whole or not this run's. */
export const readManifest = (root: string, run: string): Effect.Effect<Manifest | undefined, StoreUnusable> =>
  Effect.gen(function* () {
    const bytes = yield* readWhole(manifestPath(root, run))
    const text =
      bytes === undefined ? undefined : unseal(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString())
    if (text === undefined) return undefined
    const decoded = yield* Effect.result(decode(text))
    return decoded._tag === "Success" && decoded.success.run === run ? decoded.success : undefined
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
