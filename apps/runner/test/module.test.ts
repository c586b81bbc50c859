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
