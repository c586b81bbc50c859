/** Results leave for other tools, and weights come back. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { beforeAll, expect, it } from "vitest"
import { inFolder, relent } from "./relent.ts"

const folder = inFolder()

beforeAll(async () => {
  folder.write(
    "moons.yaml",
    `name: moons
seed: 1
stages:
  data: {stage: datasets/two-moons, with: {rows: 40}}
  model: {stage: distillation/train-classifier, in: {data: data.data}, with: {hidden: [4], steps: 4, batch: 8, every: 2}}
  score: {stage: distillation/evaluate, in: {model: model.model, data: data.data}}
over: {model.with.learningRate: [0.01, 0.02]}
`,
  )
  await relent("run", "moons.yaml")
}, 60_000)

it("the arms of a run are runs of their own for TensorBoard and MLflow", async () => {
  const { code, out } = await relent("export", "--tensorboard", "logs", "--mlflow", "ml runs")
  expect([code, out]).toEqual([
    0,
    expect.stringMatching(/: 4 values of 2 runs in logs\n.*: 4 values of 2 runs in ml runs\n/),
  ])
  const arms = readdirSync("logs").toSorted()
  expect(arms.map((arm) => arm.split("@")[1])).toEqual(["learningRate=0.01", "learningRate=0.02"])
  for (const arm of arms)
    expect(readdirSync(`logs/${arm}`)).toEqual([expect.stringMatching(/^events\.out\.tfevents\.\d+/)])
  const files = readdirSync("ml runs", { recursive: true, encoding: "utf8" })
  const rates = files.filter((file) => file.endsWith("params/model.learningRate"))
  expect(rates.map((file) => readFileSync(`ml runs/${file}`, "utf8")).toSorted()).toEqual(["0.01", "0.02"])
  expect(files.filter((file) => file.endsWith("metrics/model/loss"))).toHaveLength(2)
})

it("weights come back from a file as they were", async () => {
  expect(await relent("table", "model@learningRate=0.01.model", "--export", "weights.safetensors")).toMatchObject({
    code: 0,
  })
  const score = async () => JSON.parse((await relent("table", "score.metrics", "--json")).out) as unknown
  folder.write(
    "again.yaml",
    `name: again
seed: 1
stages:
  data: {stage: datasets/two-moons, with: {rows: 40}}
  model: {stage: datasets/read-model, with: {path: weights.safetensors}}
  score: {stage: distillation/evaluate, in: {model: model.model, data: data.data}}
`,
  )
  const before = JSON.parse((await relent("table", "score@learningRate=0.01.metrics", "--json")).out) as unknown
  expect(await relent("run", "again.yaml")).toMatchObject({ code: 0 })
  expect(await score()).toEqual(before)

  // As another tool would leave it: without what the tensors are.
  const bytes = readFileSync("weights.safetensors")
  const header = JSON.parse(bytes.toString("utf8", 8, 8 + Number(bytes.readBigUInt64LE(0)))) as Record<string, any>
  const { __metadata__, ...tensors } = header
  const json = Buffer.from(JSON.stringify(tensors))
  const size = Buffer.alloc(8)
  size.writeBigUInt64LE(BigInt(json.length))
  const plain = Buffer.concat([size, json, bytes.subarray(8 + Number(bytes.readBigUInt64LE(0)))])
  writeFileSync("weights.safetensors", plain)
  expect(await relent("run", "again.yaml")).toMatchObject({
    code: 2,
    error: expect.stringMatching(/weights\.safetensors: .*kind is 'none', wanted mlp[\s\S]*wants 'kind' and 'header'/),
  })
  const given = `path: weights.safetensors, kind: mlp, header: ${__metadata__["relent:header"] as string}`
  folder.write("again.yaml", readFileSync("again.yaml", "utf8").replace("path: weights.safetensors", given))
  expect(await relent("run", "again.yaml")).toMatchObject({ code: 0 })
  expect(await score()).toEqual(before)
})

it("what can't be exported is told", async () => {
  expect(await relent("export")).toMatchObject({
    code: 1,
    error: expect.stringContaining("--tensorboard DIR or --mlflow DIR"),
  })
  expect(await relent("table", "data.data", "--export", "x.safetensors")).toMatchObject({
    code: 1,
    error: expect.stringMatching(/^--export x\.safetensors: .*tensors/),
  })
  folder.write("file", "")
  expect(await relent("export", "moons", "--mlflow", "file/runs")).toMatchObject({
    code: 1,
    error: expect.stringContaining("file/runs: "),
  })
  folder.write("data.yaml", "name: data\nseed: 1\nstages:\n  data: {stage: datasets/two-moons, with: {rows: 4}}\n")
  await relent("run", "data.yaml")
  expect(await relent("export", "--mlflow", "none")).toMatchObject({
    code: 1,
    error: expect.stringContaining("has no metrics"),
  })
  expect(existsSync("none")).toBe(false)
})
