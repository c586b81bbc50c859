import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { RunEvent } from "@relent/runtime"
import { Schema } from "effect"
import { beforeAll, describe, expect, it } from "vitest"
import { inFolder, relent, spawned } from "./relent.ts"

const folder = inFolder()
const { write } = folder

const document = `name: moons
seed: 1
stages:
  moons: {stage: datasets/two-moons, with: {rows: 40}}
  few:   {stage: datasets/take, in: {table: moons.data}, with: {rows: 5}}
`
const run = (...more: ReadonlyArray<string>) => relent("run", "moons.yaml", ...more)

beforeAll(() => write("moons.yaml", document))

describe("relent run", () => {
  it("computes, then takes everything from the store", async () => {
    const first = await run()
    expect(first).toMatchObject({ code: 0 })
    expect(first.error).toMatch(/done {5}moons[\s\S]*finished: 2 computed, 0 cached/)
    expect(first.out).toMatch(/few\.table {2}5 rows/)
    expect((await run()).error).toMatch(/cached {3}moons[\s\S]*finished: 0 computed, 2 cached/)
    expect(existsSync(folder.path(".relent/runs"))).toBe(true)
  })

  it("tells its events as lines of JSON, with the digest of every output", async () => {
    const { code, out } = await run("--json", "--seed", "2")
    const events = out
      .trim()
      .split("\n")
      .map((line) => Schema.decodeUnknownSync(RunEvent)(JSON.parse(line)))
    expect(code).toBe(0)
    expect(events.map((e) => e._tag)).toEqual([
      "RunStarted",
      "StepStarted",
      "StepFinished",
      "StepStarted",
      "StepFinished",
      "RunFinished",
    ])
    expect(events[2]).toMatchObject({
      outputs: { data: { digest: expect.stringMatching(/^[0-9a-f]{64}$/), rows: 40 } },
    })
  })

  it("changes parameters, and says what can't be changed", async () => {
    expect((await run("--set", "few.rows=7")).out).toMatch(/few\.table {2}7 rows/)
    expect(await run("--set", "fewer.rows=7")).toMatchObject({
      code: 1,
      error: expect.stringContaining("there is no step 'fewer'"),
    })
    expect(await run("--set", "few.rows")).toMatchObject({
      code: 1,
      error: expect.stringContaining("STAGE.PARAM=VALUE"),
    })
    expect(await run("--seed", "x")).toMatchObject({ code: 1, error: expect.stringContaining("whole number") })
    expect(await run("--concurrency", "0")).toMatchObject({ code: 1 })
    expect(await run("--set", "few.rows=-1")).toMatchObject({
      code: 1,
      error: expect.stringMatching(/moons\.yaml:5:\d+ few.with.rows: .*greater than 0/),
    })
  })

  it("a failing stage has its own exit code, its place, and the command that goes on", async () => {
    const { code, error } = await run("--set", "few.rows=50")
    expect(code).toBe(2)
    expect(error).toMatch(/moons\.yaml:5:\d+ few \(datasets\/take\): the table has 40 rows, 50 are wanted/)
    expect(error.trim().split("\n").at(-1)).toBe(
      `  relent run moons.yaml --set few.rows=50 --backend ${process.env["RELENT_BACKEND"]}`,
    )
  })

  it("interrupted exits with 130 and says how to go on", async () => {
    write("slow.yaml", document.replace("rows: 40", "rows: 3000000").replace("moons\n", "slow\n"))
    const { code, error } = await spawned(["run", "slow.yaml", "--json"], (child, out) => {
      if (out.includes("StepStarted") && !child.killed) child.kill("SIGINT")
    })
    expect([code, error]).toEqual([130, expect.stringContaining("relent run slow.yaml --json")])
  })

  it("a mistake in a document is told with its place, and nothing is run", async () => {
    write("wrong.yaml", document.replace("two-moons", "two-mons").replace("moons.data", "moon.data"))
    const { code, error } = await relent("run", "wrong.yaml")
    expect(code).toBe(1)
    expect(error).toContain(
      "wrong.yaml:4:18 moons.stage: 'datasets/two-mons' is unknown: did you mean 'datasets/two-moons'?",
    )
    expect(error).toContain("nothing was run")
  })

  it("takes a user's own TypeScript as a plugin", async () => {
    write(
      "mine.ts",
      `import { Column, TableSchema } from ${JSON.stringify(join(import.meta.dirname, "../../../packages/arrow/src/index.ts"))}
import { Plugin, Stage } from ${JSON.stringify(join(import.meta.dirname, "../../../packages/stage/src/index.ts"))}
const One = TableSchema.make("mine/one", 1, { one: Column.int32 })
const one = Stage.make("mine/one", { module: import.meta.url, title: "One", outputs: { one: One }, *run() { return { one: One.make({ one: [1] }) } } })
export const plugin = Plugin.make("mine", { title: "Mine", module: import.meta.url, stages: { one: () => Promise.resolve(one) } })
`,
    )
    write("mine.yaml", "name: mine\nseed: 1\nplugins: [./mine.ts]\nstages:\n  one: {stage: mine/one}\n")
    expect(await relent("run", "mine.yaml")).toMatchObject({
      code: 0,
      out: expect.stringContaining("one.one  1 row"),
    })
    write("gone.yaml", "name: gone\nseed: 1\nplugins: [./gone.ts]\nstages:\n  one: {stage: mine/one}\n")
    expect(await relent("run", "gone.yaml")).toMatchObject({
      code: 1,
      error: expect.stringContaining("plugin './gone.ts' can't be imported"),
    })
  })
})

describe("relent", () => {
  it("plans, shows, compares and prints", async () => {
    await run()
    await run("--set", "few.rows=6")
    const plan = (await relent("plan", "moons.yaml", "--set", "few.rows=8")).out
    expect(plan).toMatch(/moons +datasets\/two-moons +hit[\s\S]*few +datasets\/take +miss +parameter rows: 6 -> 8/)
    expect((await relent("show")).out).toMatch(/few\.table +datasets\/take/)
    const runs = JSON.parse((await relent("runs", "--json")).out) as ReadonlyArray<{
      readonly run: string
      readonly seed: number
      readonly pipeline: string
    }>
    const [after, before] = runs.filter((r) => r.pipeline === "moons" && r.seed === 1)
    expect((await relent("diff", before!.run, after!.run)).out).toMatch(
      /few\n {2}parameter rows: 5 -> 6\n {2}results differ: table/,
    )
    expect((await relent("table", "few.table", "--head", "1")).out).toMatch(/^id +x +label/)
    expect((await relent("table", "few.tabel")).error).toContain("did you mean 'few.table'?")
    expect((await relent("table", "few.table", "--export", "few.csv")).code).toBe(0)
    expect(readFileSync(folder.path("few.csv"), "utf8")).toMatch(/^id,x,label\n0,/)
    expect((await relent("table", "few.table", "--export", "few.arrow")).code).toBe(0)
    expect((await relent("table", "few.table", "--export", "few.parquet")).code).toBe(0)
    expect(readFileSync(folder.path("few.parquet")).subarray(0, 4).toString()).toBe("PAR1")
  })
  it("tells the algebra", async () => {
    expect((await relent("divergences")).out).toMatch(/jensen-shannon +\(u log u/)
    expect((await relent("divergences", "{alpha: 2}")).out).toMatch(/score weight u\^2 f''\(u\) +u\^2/)
    expect(await relent("divergences", "kll")).toMatchObject({
      code: 1,
      error: expect.stringContaining("did you mean 'kl'?"),
    })
  })
  it("looks after its store", async () => {
    await relent("run", "moons.yaml", "--store", "kept")
    expect((await relent("store", "verify", "--store", "kept")).out).toBe("2 tables, 2 results and 1 runs, 0 damaged\n")
    expect((await relent("store", "gc", "--store", "kept", "--dry-run")).out).toBe(
      "0 files, 0 kB would go; 1 runs kept\n",
    )
  })
  it("helps", async () => {
    expect(await relent("--help")).toMatchObject({ code: 0, out: expect.stringContaining("Usage: relent COMMAND") })
    expect(await relent("run", "--help")).toMatchObject({ code: 0, out: expect.stringContaining("--concurrency N") })
    expect(await relent("rum")).toMatchObject({ code: 1, error: expect.stringContaining("did you mean 'run'?") })
    expect(await relent("run", "--fast", "x")).toMatchObject({ code: 1, error: expect.stringContaining("--fast") })
    expect(await relent("--version")).toMatchObject({ code: 0, out: "0.1.0\n" })
    expect((await relent("stages", "datasets/take")).out).toContain("table: any table")
    expect(JSON.parse((await relent("schema", "event")).out)).toHaveProperty("$schema")
    expect((await relent("completions", "bash")).out).toContain("-F _relent relent")
  })
})
