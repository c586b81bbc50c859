/** Manifests of runs, newest first. */
import { existsSync, rmSync, writeFileSync } from "node:fs"
import { readdir } from "node:fs/promises"
import { join } from "node:path"
import { sha256 } from "@relent/arrow"
import { Effect, Schema } from "effect"
import { Manifest } from "../manifest.ts"
import { codeOf, StoreUnusable } from "./error.ts"
import { onTheSpot, readWhole, writeWhole } from "./files.ts"

const folder = (root: string) => join(root, "runs")

/** `mnist-quick-20261124-130102-042`: sorts by time. */
const runName = (pipeline: string, begin: number) =>
  `${pipeline.replaceAll(/[^\w.-]+/g, "-")}-${new Date(begin).toISOString().replaceAll(/[-:Z]/g, "").replace("T", "-").replace(".", "-")}`

/** When a run of this name began, in milliseconds since the epoch; 0 where it doesn't say. */
const beginOf = (run: string): number => {
  const [, ...parts] = /-(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)-(\d{3})$/.exec(run)?.map(Number) ?? []
  const [year = 1970, month = 1, ...rest] = parts
  return Date.UTC(year, month - 1, ...rest)
}
const decode = Schema.decodeUnknownEffect(Schema.fromJsonString(Manifest))

const mark = ',\n "digest": "'
/** An object of JSON, which is given without its end, with the digest of all that stands before it as the last field. */
export const seal = (body: string): string => `${body}${mark}${sha256(body)}"\n}\n`

/** What is sealed; undefined where a byte isn't as it was. */
const unseal = (text: string): string | undefined => {
  const body = text.slice(0, Math.max(0, text.lastIndexOf(mark)))
  return text === seal(body) ? `${body}\n}` : undefined
}

export const manifestPath = (root: string, run: string) => join(folder(root), `${run}.json`)

export const writeManifest = (root: string, manifest: Manifest): Effect.Effect<void, StoreUnusable> =>
  writeWhole(root, manifestPath(root, manifest.run), seal(JSON.stringify(manifest, undefined, 1).slice(0, -2)))

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

const names = (root: string): Effect.Effect<ReadonlyArray<string>, StoreUnusable> =>
  Effect.map(
    Effect.tryPromise({
      try: () =>
        readdir(folder(root)).catch((error: unknown) => (codeOf(error) === "ENOENT" ? [] : Promise.reject(error))),
      catch: (error) => StoreUnusable.of(folder(root), error),
    }),
    (files) => files.filter((file) => file.endsWith(".json")).map((file) => file.slice(0, -".json".length)),
  )

/** A file that is there while a run goes on: nobody else takes its name. */
const reservation = (root: string, run: string) => join(root, "tmp", `${run}.run`)

/** Whether the name is this run's now. Where nothing can be written no manifest will be. */
const reserve = (root: string, run: string): boolean => {
  try {
    onTheSpot(root, join(root, "tmp"), () => writeFileSync(reservation(root, run), "", { flag: "wx" }))
  } catch (error) {
    return codeOf(error) !== "EEXIST"
  }
  // It may have ended just now.
  if (!existsSync(manifestPath(root, run))) return true
  rmSync(reservation(root, run), { force: true })
  return false
}

/**
 * Begins a run: now, or just after the newest that is there, where a clock was set back since, and at another millisecond than one that
 * goes on. So the newest run is the last one, and has a name of its own.
 */
export const beginRun = (root: string, pipeline: string, now: number) =>
  names(root).pipe(
    Effect.map((runs) => runs.reduce((begin, run) => Math.max(begin, beginOf(run) + 1), now)),
    // What can't be read is told where it's needed.
    Effect.orElseSucceed(() => now),
    Effect.map((from) => {
      let begin = from
      while (!reserve(root, runName(pipeline, begin))) begin++
      return { begin, run: runName(pipeline, begin) }
    }),
  )

/** Ends a run, whose manifest is written. */
export const endRun = (root: string, run: string): Effect.Effect<void> =>
  Effect.sync(() => {
    try {
      rmSync(reservation(root, run), { force: true })
    } catch {
      // It is removed with the drafts that others have left.
    }
  })

/** All manifests, newest first. */
export const listManifests = (root: string): Effect.Effect<ReadonlyArray<Manifest>, StoreUnusable> =>
  Effect.gen(function* () {
    const found = yield* Effect.forEach(yield* names(root), (run) => readManifest(root, run), { concurrency: 16 })
    return found.filter((m) => m !== undefined).toSorted((a, b) => (a.started < b.started ? 1 : -1))
  })
