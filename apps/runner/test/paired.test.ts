/** The arms of a sweep are paired; sources aren't. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { digests, start } from "./child.ts"

let cwd: string
let found: Record<string, string>
beforeAll(async () => {
  cwd = mkdtempSync(join(tmpdir(), "relent paired "))
  // With all weight on the labels both divergences ask for the same: bytes differ only where starts or batches do.
  const labels = (divergence: string) => `{kd: {hardWeight: 1, divergence: ${divergence}}}`
  writeFileSync(
    join(cwd, "paired.yaml"),
    `name: paired
seed: 1
stages:
  data: {stage: datasets/two-moons, with: {rows: 60}}
  twin: {stage: datasets/two-moons, with: {rows: 60}}
  same: {stage: datasets/two-moons, with: {rows: 60}, stream: data}
  teacher: {stage: distillation/train-classifier, in: {data: data.data}, with: {hidden: [8], steps: 20, batch: 20}}
  logits: {stage: distillation/predict, in: {model: teacher.model, data: data.data}}
  student: {stage: distillation/distil, in: {data: data.data, teacher: logits.logits}, with: {hidden: [8], steps: 20, batch: 20}}
over: {student.with.loss: [${labels("kl")}, ${labels("jensen-shannon")}, {kd: {hardWeight: 0.5}}]}
`,
  )
  found = digests(await start("paired.yaml", { store: "store", cwd }))
}, 30_000)
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

describe("a sweep over losses", () => {
  it("starts every arm from the same weights, and shows it the same batches", () => {
    const [kl, jensenShannon, half, ...more] = Object.entries(found)
      .filter(([name]) => /^student@.*\.model$/.test(name))
      .toSorted(([a], [b]) => Number(a.includes("0.5")) - Number(b.includes("0.5")))
      .map(([, digest]) => digest)
    expect(more).toEqual([])
    expect(kl).toBe(jensenShannon)
    expect(half).not.toBe(kl)
  })
})

describe("two sources with equal parameters", () => {
  it("give different tables, unless they name one stream", () => {
    expect(found["twin.data"]).not.toBe(found["data.data"])
    expect(found["same.data"]).toBe(found["data.data"])
  })
})
