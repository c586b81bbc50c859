/** Runs pipelines in stores of their own, and remembers the events. */
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { check, type Pipeline, read } from "@relent/stage"
import { Effect } from "effect"
import { afterAll } from "vitest"
import { run, type RunEvent, type RunOptions } from "../src/index.ts"
import { inStore } from "./in-store.ts"

export { inStore, layer } from "./in-store.ts"

const folders: Array<string> = []
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })))

/** Where files are in memory, on systems that have such a disk: for thousands of stores. */
export const memory = existsSync("/dev/shm") ? "/dev/shm" : tmpdir()

/** An empty folder, with a space in its name. */
export const newFolder = (above = tmpdir()): string => {
  const folder = mkdtempSync(join(above, "relent run "))
  folders.push(folder)
  return folder
}

export interface Seen {
  readonly events: Array<RunEvent>
  /** `noise computed`, `scale cached`, in the order of ending. */
  readonly ended: () => ReadonlyArray<string>
}
export const watch = (): Seen & { readonly report: (event: RunEvent) => Effect.Effect<void> } => {
  const events: Array<RunEvent> = []
  const word = { StepCached: "cached", StepFinished: "computed" } as const
  return {
    events,
    ended: () =>
      events.flatMap((e) =>
        e._tag === "StepCached" || e._tag === "StepFinished" ? [`${e.step} ${word[e._tag]}`] : [],
      ),
    report: (event) => Effect.sync(() => void events.push(event)),
  }
}

/** Runs a pipeline, or a document, in a store. */
export const go = async (
  store: string,
  pipeline: Pipeline | string,
  options: RunOptions & { readonly file?: string } = {},
) => {
  const seen = watch()
  const checked = typeof pipeline === "string" ? read(pipeline, options) : check(pipeline)
  const manifest = await inStore(
    store,
    Effect.flatMap(checked, (plan) => run(plan, { report: seen.report, ...options })),
  )
  const digests = Object.fromEntries(
    manifest.steps.flatMap((s) => Object.entries(s.outputs).map(([port, o]) => [`${s.id}.${port}`, o.digest])),
  )
  return { manifest, digests, ended: seen.ended(), events: seen.events }
}

/** All files below a folder. */
export const filesIn = (folder: string): ReadonlyArray<string> =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
