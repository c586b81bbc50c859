/**
 * Stores that earlier versions left, each in a folder named after its day: today's reads them, takes from them what is the same, says
 * why it would compute the rest, and shows them. `RELENT_WRITE_STORE=2026-11-27 vitest run --project @relent/runner old-runs` writes
 * one more, as runs of today's leave it; those that are there stay as they are.
 */
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { Resources, run, Store } from "@relent/runtime"
import { read, registry } from "@relent/stage"
import { Effect, Layer } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { backendResource } from "../src/backend-resource.ts"
import { builtIn } from "../src/plugins.ts"
import { relent } from "./relent.ts"

const here = join(import.meta.dirname, "old-runs")
const kept = join(here, "fixtures")
const documents = globSync(join(here, "*.yaml")).toSorted()
const nameOf = (file: string) => basename(file, ".yaml")

/** Runs of documents that have no path: a store to be kept says nothing of the machine it comes from. */
const writeStore = (folder: string) =>
  Effect.forEach(documents, (file) => Effect.flatMap(read(readFileSync(file, "utf8")), run)).pipe(
    Effect.provide(
      Layer.mergeAll(
        Store.layer(folder),
        Layer.succeed(Resources, { backend: backendResource("wasm") }),
        registry([...builtIn.values()]),
      ),
    ),
    Effect.runPromise,
  )

interface Shown {
  readonly steps: ReadonlyArray<{ readonly id: string; readonly outputs: Readonly<Record<string, unknown>> }>
}
/** Every table of a run, as the command prints it. */
const tablesOf = async (name: string, store: string) => {
  const on = ["--store", store]
  const { run, steps } = JSON.parse((await relent("show", name, "--json", ...on)).out) as Shown & {
    readonly run: string
  }
  const all: Record<string, unknown> = {}
  for (const { id, outputs } of steps)
    for (const port of Object.keys(outputs)) {
      const reference = `${id}.${port}`
      const { out } = await relent("table", reference, "--json", "--head", "100", "--run", run, ...on)
      all[reference] = JSON.parse(out)
    }
  return all
}

const tables = (store: string) => join(store, "tables.json")
const today = process.env["RELENT_WRITE_STORE"]
if (today !== undefined) {
  const folder = join(kept, today)
  await writeStore(folder)
  for (const mine of ["checkpoints", "locks", "tmp"]) rmSync(join(folder, mine), { recursive: true, force: true })
  const all: Record<string, unknown> = {}
  for (const name of documents.map(nameOf)) all[name] = await tablesOf(name, folder)
  writeFileSync(tables(folder), `${JSON.stringify(all, undefined, 1)}\n`)
}

const stores = globSync(join(kept, "*/tables.json")).map((file) => basename(join(file, "..")))

describe.each(stores)("a store of %s", (day) => {
  let store: string
  const on = (...words: ReadonlyArray<string>) => relent(...words, "--store", store)
  beforeAll(() => {
    store = mkdtempSync(join(tmpdir(), "relent old store "))
    cpSync(join(kept, day), store, { recursive: true })
  })
  afterAll(() => rmSync(store, { recursive: true }))

  it("is whole, and its runs are listed", async () => {
    expect(await on("store", "verify")).toMatchObject({ code: 0, out: expect.stringContaining("5 runs, 0 damaged") })
    const { out } = await on("runs")
    for (const file of documents) expect(out).toMatch(new RegExp(`^${nameOf(file)}-\\S+ +finished`, "m"))
  })

  it.each(documents.map(nameOf))("%s: its tables read as they did", async (name) => {
    const wanted = (JSON.parse(readFileSync(tables(store), "utf8")) as Readonly<Record<string, unknown>>)[name]
    expect(await tablesOf(name, store)).toEqual(wanted)
  })

  it.each(documents.map(nameOf))("%s: every step is a hit, or is told why not", async (name) => {
    const plan = JSON.parse(
      (await on("plan", join(here, `${name}.yaml`), "--json", "--backend", "wasm")).out,
    ) as ReadonlyArray<{
      readonly step: string
      readonly hit: boolean
      readonly because: ReadonlyArray<string>
    }>
    expect(plan.length).toBeGreaterThan(1)
    const reason = /^(code|numerics|.* code of .*|.* runs before it|.*file .*) ?(changed|runs before it|: .*)?$/
    const isTold = (because: ReadonlyArray<string>) => because.length > 0 && because.every((why) => reason.test(why))
    expect(plan.filter(({ hit, because }) => (hit ? because.length > 0 : !isTold(because)))).toEqual([])
  })

  it("is shown in a report", async () => {
    for (const file of documents) {
      const page = join(store, "report.html")
      expect(await on("report", nameOf(file), "--out", page)).toMatchObject({ code: 0, error: "" })
      const text = readFileSync(page, "utf8")
      const { steps } = JSON.parse((await on("show", nameOf(file), "--json")).out) as Shown
      expect(steps.filter(({ id }) => !text.includes(id.split("@")[0]!))).toEqual([])
    }
  })
})
