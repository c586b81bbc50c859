/** Processes that share the work of a suite run. */
import { once } from "node:events"
import { Effect } from "effect"
import { expect, it } from "vitest"
import { helpers, helpersOf } from "../src/helpers.ts"
import { inFolder, relent } from "./relent.ts"

const folder = inFolder()

const pipeline = (name: string, steps = 20) => `name: ${name}
seed: 1
stages:
  data: { stage: datasets/two-moons, with: { rows: 40 } }
  model: { stage: distillation/train-classifier, in: { data: data.data }, with: { hidden: [4], batch: 8, steps: ${steps} } }
  score: { stage: distillation/evaluate, in: { model: model.model, data: data.data } }
`

it("of a suite run begin in different places, go through everything, and compute the same in the same store", () => {
  const options = {
    quick: true,
    check: true,
    jobs: "3",
    html: "all.html",
    store: "a store",
    eager: false,
    backend: undefined,
  }
  expect(helpersOf(["a", "b", "c", "d", "e"], { positionals: [], options }, 3)).toEqual([
    ["suite", "run", "b", "c", "d", "e", "a", "--quick", "--store=a store"],
    ["suite", "run", "d", "e", "a", "b", "c", "--quick", "--store=a store"],
  ])
  expect(helpersOf(["a"], { positionals: [], options: { backend: "cpu" } }, 2)).toEqual([
    ["suite", "run", "a", "--backend=cpu"],
  ])
  expect(helpersOf(["a"], { positionals: [], options: {} }, 1)).toEqual([])
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

it("are as many as whole numbers say", async () => {
  expect(await relent("suite", "run", "--jobs", "none")).toMatchObject({
    code: 1,
    error: expect.stringContaining("--jobs none: wants a whole number, 1 or more"),
  })
})
