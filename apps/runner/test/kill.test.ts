import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { source } from "@relent/random"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { digests, finished, start } from "./child.ts"

/** 2 kills here, 200 in the long tier. */
const kills = process.env["RELENT_VERIFY"] === "1" ? 200 : 2

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "relent kill "))
  writeFileSync(
    join(folder, "moons.yaml"),
    `name: moons
seed: 1
stages:
  data: {stage: datasets/two-moons, with: {rows: 400}}
  model: {stage: distillation/train-classifier, in: {data: data.data}, with: {hidden: [32], steps: 400, every: 20}}
  logits: {stage: distillation/predict, in: {model: model.model, data: data.data}}
  student: {stage: distillation/distil, in: {data: data.data, teacher: logits.logits}, with: {hidden: [8], steps: 300, every: 20}}
  score: {stage: distillation/evaluate, in: {model: student.model, data: data.data}}
`,
  )
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const run = (store: string, killAt = Infinity) =>
  start("moons.yaml", { store, cwd: folder, killAfter: { lines: killAt } })

describe("a run", () => {
  it(
    `killed ${kills} times at random goes on each time, repeats no finished stage, and gives the same bytes`,
    async () => {
      const whole = await run("whole")
      expect(whole.code).toBe(0)
      const at = source({ seed: 1, stream: "kills" })("event")
      const done: Array<string> = []
      let resumed = 0
      for (let kill = 0; kill < kills; kill++) {
        const cut = await run("cut", 2 + at.integer(24))
        done.push(...finished(cut))
        resumed += cut.events.filter((e) => e._tag === "StepStarted" && e.resumedAt !== undefined).length
      }
      const last = await run("cut")
      done.push(...finished(last))
      expect(last.code).toBe(0)
      expect(digests(last)).toEqual(digests(whole))
      // A kill may hide the line of a stage that has just finished; it never makes a stage finish twice.
      expect(new Set(done).size).toBe(done.length)
      expect(resumed).toBeGreaterThan(0)
    },
    (kills + 2) * 20_000, // and the whole runs
  )

  it("beside another in one store computes each stage once between them", async () => {
    const both = await Promise.all([run("both"), run("both")])
    const [first, second] = both
    expect(both.map((r) => r.code)).toEqual([0, 0])
    expect(both.flatMap(finished).toSorted()).toEqual(["data", "logits", "model", "score", "student"])
    expect(digests(first)).toEqual(digests(second))
  })
})
