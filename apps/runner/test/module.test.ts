/** Pipelines in TypeScript, run by the command. */
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { inFolder, relent } from "./relent.ts"

const { write } = inFolder()
const moons = join(import.meta.dirname, "moons.ts")
const stage = join(import.meta.dirname, "../../../packages/stage/src/index.ts")

describe("a pipeline in TypeScript", () => {
  it("runs, and is planned, as a document is", async () => {
    const first = await relent("run", moons)
    expect(first).toMatchObject({ code: 0, out: expect.stringMatching(/scores {2}2 rows/) })
    expect((await relent("run", moons)).error).toMatch(/finished: 0 computed, 6 cached/)
    expect((await relent("plan", moons, "--seed", "2")).out).toMatch(/two-moons .*miss +seed: 1 -> 2/)
  })
  it.each([
    ["nothing.ts", "export const x = 1", /nothing\.ts: exports no pipeline/],
    ["typo.ts", "export const = 1", /typo\.ts can't be imported: /],
    ["thrown.ts", "const f = () => {\n  throw new Error('no data')\n}\nf()", /no data \(.*thrown\.ts:2:9\)/],
    [
      "two.ts",
      `import { Pipeline } from ${JSON.stringify(stage)}\nconst p = () => Pipeline.make({ name: "p", seed: 1, outputs: {} })\nexport const [a, b] = [p(), p()]`,
      /two\.ts: exports 2 pipelines: a, b/,
    ],
  ])("that can't be had says why: %s", async (file, text, message) => {
    write(file, text)
    expect(await relent("run", file)).toMatchObject({ code: 1, error: expect.stringMatching(message) })
  })
  it("that isn't there, or is given parameters from outside, says so", async () => {
    expect((await relent("run", "gone.ts")).error).toContain("gone.ts can't be imported: there is no such file")
    expect((await relent("run", moons, "--set", "a.b=1")).error).toContain("--set is for documents")
  })
})

it("a stage that doesn't give the same again is found by --check, and has an exit code of its own", async () => {
  const from = (name: string) => JSON.stringify(join(import.meta.dirname, `../../../packages/${name}/src/index.ts`))
  write(
    "luck.ts",
    `import { Column, TableSchema } from ${from("arrow")}
import { Pipeline, Stage } from ${from("stage")}
const Values = TableSchema.make("mine/values", 1, { x: Column.float64 })
const luck = Stage.make("mine/luck", {
  module: import.meta.url,
  title: "Luck",
  outputs: { values: Values },
  *run() {
    return { values: Values.make({ x: [1, Math.random()] }) }
  },
})
export const p = Pipeline.make({ name: "luck", seed: 1, outputs: luck() })
`,
  )
  expect(await relent("run", "luck.ts", "--check")).toMatchObject({ code: 0 })
  const digest = async () => (await relent("table", "values", "--json")).out
  const before = await digest()
  const checked = await relent("run", "luck.ts", "--check")
  expect(checked.code).toBe(4)
  expect(checked.error).toMatch(
    /1 of 1 step computed again gave something else:\n {2}luck \(mine\/luck\): output 'values', batch 0, row 1, column 'x' was 0\.\d+, and computed again is 0\.\d+\n {2}the store keeps/,
  )
  expect(checked.error).not.toContain("go on with")
  expect(await digest()).toBe(before)
  expect((await relent("run", "luck.ts")).error).toContain("1 cached")
})
