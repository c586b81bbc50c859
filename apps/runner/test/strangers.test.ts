/** Stores and documents from someone else: what they say reaches the terminal as text, and files stay in their folders. */
import { createHash } from "node:crypto"
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, unlinkSync, utimesSync } from "node:fs"
import { beforeAll, describe, expect, it } from "vitest"
import { inFolder, relent } from "./relent.ts"

const { write, path } = inFolder()

/** Colours, clears the screen, sets the title, goes back, and turns the direction of writing. */
const evil = "\u001b[31m\u001b[2J\u001b]0;x\u0007\r\u0008\u009b1m\u202e"
// oxlint-disable-next-line no-control-regex -- what must not be there
const control = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/

const document = `name: moons
seed: 1
stages:
  data: { stage: datasets/read-table, with: { path: data.csv } }
  half: { stage: datasets/take, in: { table: data.table }, with: { rows: 2 } }
outputs: { half: half.table }
`
beforeAll(async () => {
  write("data.csv", `id,"a${evil}"\n1,"b${evil}"\n2,c\n3,d\n`)
  write("moons.yaml", document)
  await relent("run", "moons.yaml")
  await relent("run", "moons.yaml", "--set", "half.rows=1")
})

/** Every text of a manifest that isn't a digest or a date becomes hostile; steps and ports keep their relations. */
const hostile = (value: unknown, key = ""): unknown => {
  if (typeof value === "string")
    return /^[0-9a-f]{64}$/.test(value) || ["started", "status", "run"].includes(key) ? value : `${value}${evil}`
  if (Array.isArray(value)) return value.map((item) => hostile(item))
  if (typeof value !== "object" || value === null) return value
  const named = ["named", "labels", "at"].includes(key) ? { [`x${evil}`]: "y" } : {}
  return Object.fromEntries(Object.entries({ ...value, ...named }).map(([name, item]) => [name, hostile(item, name)]))
}

describe("a store of a stranger's", () => {
  beforeAll(() => {
    for (const name of readdirSync(path(".relent/runs"))) {
      const { digest: _, ...manifest } = JSON.parse(readFileSync(path(`.relent/runs/${name}`), "utf8")) as Record<
        string,
        unknown
      >
      const body = JSON.stringify(hostile(manifest), undefined, 1).slice(0, -2)
      const digest = createHash("sha256").update(body).digest("hex")
      write(`.relent/runs/${name}`, `${body},\n "digest": "${digest}"\n}\n`)
    }
  })

  it("holds the two runs", () => expect(readdirSync(path(".relent/runs"))).toHaveLength(2))
  it.each([
    [["runs"]],
    [["show"]],
    [["diff", "RUN0", "RUN1"]],
    [["table", "half.table"]],
    [["table", `half${evil}.table`]],
    [["table", `half${evil}.table`, "--schema"]],
    [["table", `half${evil}.table`, "--json"]],
    [["report"]],
    [["plan", "moons.yaml"]],
    [["run", "moons.yaml", "--force", "half"]],
    [["store", "verify"]],
    [["store", "gc", "--dry-run"]],
  ])("%j shows no control character", async (words) => {
    const runs = readdirSync(path(".relent/runs")).map((name) => name.slice(0, -5))
    const { out, error, code } = await relent(...words.map((word) => word.replace(/^RUN(\d)$/, (_, i) => runs[+i]!)))
    expect(code).toBeLessThan(2)
    expect(out + error).not.toMatch(control)
  })
})

describe("a store whose folders are links", () => {
  const on = (...words: ReadonlyArray<string>) => relent(...words, "--store", "linked")
  beforeAll(async () => {
    write("draws.yaml", "name: draws\nseed: 1\nstages:\n  d: {stage: datasets/two-moons, with: {rows: 4}}\n")
    await on("run", "draws.yaml")
    mkdirSync(path("elsewhere"))
    write("elsewhere/diary.txt", "old")
    utimesSync(path("elsewhere/diary.txt"), 1e9, 1e9)
  })
  const run = ["run", "draws.yaml", "--seed", "2"]
  const gc = ["store", "gc", "--keep", "0"]
  it.each([
    ["objects", run, 2],
    ["objects", gc, 1],
    ["results", run, 2],
    ["results", gc, 1],
    ["runs", gc, 1],
    ["tmp", run, 2],
    ["tmp", gc, 1],
    ["locks", run, 2],
  ] as const)("%s: nothing is written there, nor removed, by %j", async (name, words, code) => {
    const [folder, kept] = [path(`linked/${name}`), path(`kept-${name}`)]
    renameSync(folder, kept)
    symlinkSync(path("elsewhere"), folder)
    const error = expect.stringMatching(/: is a link\n {2}only the folder of a store may be one/)
    expect(await on(...words)).toMatchObject({ code, error })
    expect(readdirSync(path("elsewhere"))).toEqual(["diary.txt"])
    unlinkSync(folder)
    renameSync(kept, folder)
  })
  it("files of locks: nothing is written where they lead", async () => {
    for (const name of readdirSync(path("linked/locks")).filter((file) => /\.(owner|lock)$/.test(file))) {
      const file = path(`linked/locks/${name}`)
      unlinkSync(file)
      symlinkSync(path(`elsewhere/${name.endsWith("owner") ? "diary.txt" : name}`), file)
    }
    for (const words of [run, gc]) expect((await on(...words)).code).toBeGreaterThan(0)
    expect(readdirSync(path("elsewhere"))).toEqual(["diary.txt"])
    expect(readFileSync(path("elsewhere/diary.txt"), "utf8")).toBe("old")
    rmSync(path("linked/locks"), { recursive: true })
  })
  it("but it may be one itself", async () => {
    renameSync(path("linked"), path("moved"))
    symlinkSync(path("moved"), path("linked"))
    expect((await on("run", "draws.yaml", "--seed", "3")).code).toBe(0)
  })
})
