/** What the README shows is what compiles and runs here. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { toDocument } from "@relent/stage"
import { Effect } from "effect"
import { expect, it } from "vitest"
import { moons } from "./moons.ts"
import { logitsOf } from "./readme-model.ts"
import { inFolder, relent } from "./relent.ts"

const { path, write } = inFolder()

it.each(["moons.ts", "readme-plugin.ts", "readme-model.ts"])("the README shows %s", (file) => {
  const readme = readFileSync(join(import.meta.dirname, "../../../README.md"), "utf8")
  expect(readme).toContain(readFileSync(join(import.meta.dirname, file), "utf8"))
})

it("its pipeline is the document's", () => {
  expect(Object.keys(toDocument(moons).stages)).toEqual([
    "two-moons",
    "train-classifier@learningRate=0.001",
    "evaluate@learningRate=0.001",
    "train-classifier@learningRate=0.01",
    "evaluate@learningRate=0.01",
    "collect",
  ])
})

it("its plugin distils with a divergence of one's own, and its model is read from a file", async () => {
  write(
    "mine.yaml",
    `name: mine
seed: 1
plugins: [${JSON.stringify(join(import.meta.dirname, "readme-plugin.ts"))}]
stages:
  data: {stage: datasets/two-moons, with: {rows: 60}}
  model: {stage: distillation/train-classifier, in: {data: data.data}, with: {hidden: [8], steps: 50, batch: 20}}
  logits: {stage: distillation/predict, in: {model: model.model, data: data.data}}
  student: {stage: distillation/distil, in: {data: data.data, teacher: logits.logits}, with: {hidden: [8], steps: 50, batch: 20, members: 2, loss: {kd: {divergence: mine/le-cam}}}}
`,
  )
  expect(await relent("run", "mine.yaml", "--allow", import.meta.dirname)).toMatchObject({ code: 0 })
  expect(await relent("table", "student.model", "--export", "model.arrow")).toMatchObject({ code: 0 })
  const logits = await Effect.runPromise(logitsOf(path("model.arrow"), Float32Array.of(0, 0.5, 1, -0.5)))
  expect(logits.length).toBe(2 * 2 * 2)
  expect(logits.every(Number.isFinite)).toBe(true)
})
