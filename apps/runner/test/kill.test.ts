import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { source } from "@relent/random"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { digests, type Ended, finished, start } from "./child.ts"

/** One kill here, 200 in the long tier. */
const kills = process.env["RELENT_VERIFY"] === "1" ? 200 : 1

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
  let both: ReadonlyArray<Ended>
  beforeAll(async () => void (both = await Promise.all([run("both"), run("both")])), 40_000)

  it("beside another in one store computes each stage once between them", () => {
    expect(both.map((r) => r.code)).toEqual([0, 0])
    expect(both.flatMap(finished).toSorted()).toEqual(["data", "logits", "model", "score", "student"])
    expect(digests(both[0]!)).toEqual(digests(both[1]!))
  })

  it(
    `killed ${kills === 1 ? "" : `${kills} times `}at random goes on each time, repeats no finished stage, and gives the same bytes`,
    async () => {
      const at = source({ seed: 1, stream: "kills" })("event")
      const runs: Array<Ended> = []
      for (let kill = 0; kill < kills; kill++) runs.push(await run("cut", 2 + at.integer(24)))
      const last = await run("cut")
      runs.push(last)
      expect(last.code).toBe(0)
      expect(digests(last)).toEqual(digests(both[0]!))
      // A kill may hide the line of a stage that has just finished; it never makes a stage finish twice.
      const done = runs.flatMap(finished)
      expect(new Set(done).size).toBe(done.length)
      const resumed = runs.flatMap(({ events }) =>
        events.filter((e) => e._tag === "StepStarted" && e.resumedAt !== undefined),
      )
      expect(resumed).not.toEqual([])
    },
    (kills + 1) * 20_000,
  )
})
