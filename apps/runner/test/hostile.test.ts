/** Documents and plugins that mean no good, or are broken: a typed error with its place, never a crash. */
import { mkdirSync, symlinkSync, writeFileSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type Ended, inFolder, inSeries, relent, spawned } from "./relent.ts"

const folder = inFolder()
const { write } = folder
let elsewhere: string

beforeAll(() => {
  elsewhere = mkdtempSync(join(tmpdir(), "relent elsewhere "))
  writeFileSync(join(elsewhere, "secret.ts"), "export const plugin = 1\n")
  mkdirSync(folder.path("node_modules/@relent"), { recursive: true })
  for (const name of ["arrow", "stage"])
    symlinkSync(join(import.meta.dirname, "../../../packages", name), folder.path(`node_modules/@relent/${name}`))
})
afterAll(() => rmSync(elsewhere, { recursive: true, force: true }))

const using = (plugin: string, stage = "mine/one") =>
  `name: hostile\nseed: 1\nplugins: ["@relent/datasets", ${JSON.stringify(plugin)}]\nstages:\n  one: {stage: ${stage}}\n`

const head = `import { Column, TableSchema } from "@relent/arrow"
import { Plugin, Stage } from "@relent/stage"
const One = TableSchema.make("mine/one", 1, { one: Column.int32 })
const make = (name, run) => Stage.make(name, { module: import.meta.url, title: "One", outputs: { one: One }, run })
const pluginOf = (name, one) => Plugin.make(name, { title: "Mine", module: import.meta.url, stages: { one } })
const fine = make("mine/one", function* () { return { one: One.make({ one: [1] }) } })
`

describe("a plugin of the user's", () => {
  const cases: ReadonlyArray<readonly [string, string, RegExp]> = [
    [
      "throws",
      "throw new Error('boom')\n",
      /plugin '.\/\w+\.ts' can't be imported: boom \(throws\.ts:1:\d+\)\n {2}mend the file/,
    ],
    ["throwsNothing", "throw undefined\n", /can't be imported: undefined/],
    ["syntax", "export const plugin = {\nconst x\n", /can't be imported: .+ \(syntax\.ts:\d/],
    ["enums", "enum A { b }\nexport const plugin = A\n", /can't be imported: .*enum/],
    [
      "missing",
      'import "no-such-package"\n',
      /Cannot find package 'no-such-package'.*\n {2}install what it imports: npm install no-such/,
    ],
    ["lost", 'import "./nowhere.ts"\n', /can't be imported: .*nowhere\.ts.*\n {2}look at its imports/],
    ["nothing", "export const plug = 1\n", /has no export named 'plugin'/],
    ["number", "export const plugin = 1\n", /exports something else as 'plugin'/],
    ["shape", "export const plugin = { name: 'mine', stages: [1], values: 1, suites: 2 }\n", /exports something else/],
    [
      "twin",
      `${head}export const plugin = pluginOf("datasets", () => Promise.resolve(fine))\n`,
      /is named 'datasets', as another/,
    ],
    [
      "noStage",
      `${head}export const plugin = pluginOf("mine", () => Promise.resolve({}))\n`,
      /5:16 one\.stage: 'mine\/one' is no stage in its plugin/,
    ],
    ["sync", `${head}export const plugin = pluginOf("mine", () => 7)\n`, /'mine\/one' is no stage in its plugin/],
    [
      "rejects",
      `${head}export const plugin = pluginOf("mine", () => Promise.reject(new Error("gone")))\n`,
      /'mine\/one' can't be imported: gone/,
    ],
    [
      "renamed",
      `${head}export const plugin = pluginOf("mine", () => Promise.resolve(make("mine/two", function* () {})))\n`,
      /'mine\/one' calls itself 'mine\/two'/,
    ],
  ]
  let ended: ReadonlyMap<string, Ended>
  // In a process of Node's own, whose messages are meant.
  beforeAll(async () => {
    for (const [name, code] of cases) {
      write(`${name}.ts`, code)
      write(`${name}.yaml`, using(`./${name}.ts`))
    }
    const all = await inSeries(...cases.map(([name]) => ["run", `${name}.yaml`]))
    ended = new Map(cases.map(([name], i) => [name, all[i]!]))
  }, 60_000)
  it.each(cases)("%s", (name, _code, message) => {
    const { code: exit, error } = ended.get(name)!
    expect(error).toMatch(message)
    expect(error).toMatch(new RegExp(`^${name}\\.yaml:[35]:\\d+ `))
    expect(error).not.toContain("defect")
    expect(exit).toBe(1)
  })

  it("whose stage throws ends in a defect, with the place in its code", async () => {
    write(
      "bug.ts",
      `${head}export const plugin = pluginOf("mine", () => Promise.resolve(make("mine/one", function* () { null.x })))\n`,
    )
    write("bug.yaml", using("./bug.ts"))
    const { code, error } = await spawned(["run", "bug.yaml"])
    expect(error).toMatch(/failed {3}one[\s\S]*This is a defect[\s\S]*TypeError[\s\S]*bug\.ts:7/)
    expect(code).toBe(70)
  })

  it("is not taken from outside, links followed, unless that is allowed", async () => {
    symlinkSync(join(elsewhere, "secret.ts"), folder.path("link.ts"))
    for (const path of ["./link.ts", join(elsewhere, "secret.ts"), `../${elsewhere.split("/").at(-1)}/secret.ts`]) {
      write("outside.yaml", using(path))
      expect(await relent("run", "outside.yaml")).toMatchObject({
        code: 1,
        error: expect.stringMatching(/outside\.yaml:3:31 plugin .* lies outside the folders[\s\S]*--allow/),
      })
    }
    expect((await relent("run", "outside.yaml", "--allow", elsewhere)).error).toContain("exports something else")
    for (const name of ["node:fs", "fs", "data:text/javascript,throw 1", "https://x.org/a.ts", "./\u0000", "", "."]) {
      write("odd.yaml", using(name))
      expect([name, (await relent("run", "odd.yaml")).code]).toEqual([name, 1])
    }
  })
})

const step = (parameters: string) =>
  `name: h\nseed: 1\nstages:\n  d: {stage: datasets/two-moons, with: ${parameters}}\n`
describe("a document", () => {
  it.each([
    [step("{rows: 1e400}"), /^h\.yaml:4:\d+ d\.with\.rows: /],
    [step("{rows: .nan}"), /^h\.yaml:4:\d+ d\.with\.rows: /],
    [step("{rows: -0.5}"), /d\.with\.rows: /],
    [step("{rows: 0x10000000000000000}"), /d\.with\.rows: /],
    [step('{rows: "4"}'), /d\.with\.rows: /],
    [step("{rows: null}"), /d\.with\.rows: /],
    [step("{rows: 4, rows: 5}"), /^h\.yaml:4:\d+ yaml: Map keys must be unique/],
    [step("{__proto__: {rows: 4}}"), /d\.with\.__proto__: no such parameter/],
    [step("{? [a, b] : c}"), /d\.with/],
    [step("[1, 2]"), /d\.with: /],
    [step("{rows: !!binary aGk=}"), /d\.with\.rows: /],
    [step("{rows: 4}").replace("seed: 1", "seed: 1e300"), /^h\.yaml:2:7 seed: /],
    [step("{rows: 4}").replace("two-moons", "constructor"), /'datasets\/constructor' is unknown/],
    [step("{rows: 4}").replace("datasets/two-moons", "a/b/../c"), /'a\/b\/\.\.\/c' is unknown/],
    [step("{rows: 4}").replace("name: h", "name: ../../up"), /^h\.yaml:1:7 name: /],
    [`${step("{rows: 4}")}over: {d.with.rows: [1, .nan]}\n`, /d@rows=null\.with\.rows|d\.with\.rows/],
    [`${step("{rows: 4}")}over: {d.with.__proto__.rows: [1]}\n`, /there is no parameter at '__proto__\.rows'/],
    [`${step("{rows: 4}")}over: {seed: [${Array.from({ length: 4 }, () => "1").join()}]}\n`, /a value is there twice/],
    [step(`${"{a: ".repeat(100)}1${"}".repeat(100)}`), /nested more than 64 deep/],
    ["\u0000\u0001", /^h\.yaml:1:1/],
    ["- a\n- b\n", /^h\.yaml:1:1/],
    ["42", /^h\.yaml:1:1/],
    ["a: &a [*a]\n", /^h\.yaml:1:/],
    ["--- {}\n--- {}\n", /^h\.yaml:\d:\d+ yaml: /],
  ])("%#", async (text, message) => {
    write("h.yaml", text)
    const { code, error } = await relent("run", "h.yaml")
    expect(error).toMatch(message)
    expect(code).toBe(1)
  })

  it("of a million points is refused before it fills the memory", async () => {
    const axis = `[${Array.from({ length: 1001 }, (_, i) => i).join()}]`
    write("h.yaml", `${step("{rows: 4}")}over: {d.with.rows: ${axis}, d.with.noise: ${axis}}\n`)
    expect(await relent("plan", "h.yaml")).toMatchObject({ code: 1, error: expect.stringContaining("points") })
  })
})
