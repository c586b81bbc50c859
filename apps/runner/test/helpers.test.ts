/** Processes that share the work of a suite run. */
import { once } from "node:events"
import { Effect } from "effect"
import { expect, it } from "vitest"
import { helpers, turned } from "../src/helpers.ts"
import { inFolder, relent } from "./relent.ts"

const folder = inFolder()

const pipeline = (name: string, steps = 20) => `name: ${name}
seed: 1
stages:
  data: { stage: datasets/two-moons, with: { rows: 40 } }
  model: { stage: distillation/train-classifier, in: { data: data.data }, with: { hidden: [4], batch: 8, steps: ${steps} } }
  score: { stage: distillation/evaluate, in: { model: model.model, data: data.data } }
`
const suite = (name: string) => `suite: ${name}
source: hinton2015distilling
pipeline: ${name}.yaml
seeds: [11, 12]
arms: {model: {table: score.metrics}}
claims: {learns: {statement: It learns., metric: accuracy, test: {every: model, above: 0}, recorded: {full: reproduced}}}
`

it("begin in different places, and go through everything", () => {
  const all = ["a", "b", "c", "d", "e"]
  expect([0, 1, 2].map((i) => turned(all, i, 3).join(""))).toEqual(["abcde", "bcdea", "deabc"])
  expect(turned(["a"], 1, 2)).toEqual(["a"])
})

it("do the work ahead, and leave it in the store", async () => {
  folder.write("moons.yaml", pipeline("moons"))
  const code = await Effect.runPromise(
    Effect.scoped(
      Effect.gen(function* () {
        const [helper] = yield* helpers([["run", folder.path("moons.yaml"), "--store", folder.path(".relent")]])
        return (yield* Effect.promise(() => once(helper!, "close")))[0]
      }),
    ),
  )
  expect(code).toBe(0)
  const { error } = await relent("run", "moons.yaml")
  expect(error).toMatch(/ 0 computed, 3 cached/)
})

it("end with what they help", async () => {
  folder.write("long.yaml", pipeline("long", 1_000_000))
  const [helper] = await Effect.runPromise(Effect.scoped(helpers([["run", folder.path("long.yaml")]])))
  const [code, signal] = await once(helper!, "close")
  expect([code, signal]).toEqual([null, "SIGTERM"])
})

it("change neither verdicts nor exit codes", async () => {
  const files = ["first", "second"].map((name, i) => {
    folder.write(`${name}.yaml`, pipeline(name, 30 + i))
    folder.write(`${name}-suite.yaml`, suite(name))
    return `${name}-suite.yaml`
  })
  const { code, out } = await relent("suite", "run", ...files, "--check", "--jobs", "2")
  expect(code).toBe(0)
  expect(out).toMatch(/first\/learns +reproduced +as recorded[^]*second\/learns +reproduced +as recorded/)
  expect(await relent("suite", "run", ...files, "--jobs", "none")).toMatchObject({
    code: 1,
    error: expect.stringContaining("--jobs none: wants a whole number, 1 or more"),
  })
})
