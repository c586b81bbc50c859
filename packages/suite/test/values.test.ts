/** The number of an arm, from the tables of a real run. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Column, TableSchema } from "@relent/arrow"
import { Resources, run, Store } from "@relent/runtime"
import { check, Pipeline, registry, Stage } from "@relent/stage"
import { Effect, Layer } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type Arm, checkArms, reduced, rowsOf, type SuiteDocument } from "../src/index.ts"

const Scores = TableSchema.make("toy/scores", 1, { arm: Column.utf8, score: Column.float64 })
const scores = Stage.make("toy/scores", {
  module: import.meta.url,
  title: "Scores of two arms",
  outputs: { scores: Scores },
  *run() {
    return { scores: Scores.make({ arm: ["a", "a", "a", "b"], score: [1, 2, 6, 10] }) }
  },
})
const pipeline = Pipeline.make({ name: "scores", seed: 1, outputs: scores() })
const suite = (arm: Arm): SuiteDocument => ({
  suite: "s",
  source: "key",
  pipeline: "p.yaml",
  seeds: [1],
  arms: { a: arm },
  claims: {},
})

let store: string
beforeAll(() => {
  store = mkdtempSync(join(tmpdir(), "relent suite "))
})
afterAll(() => rmSync(store, { recursive: true }))
const values = (arm: Arm, metric = "score"): Promise<string | ReadonlyArray<number>> =>
  Effect.runPromise(
    Effect.gen(function* () {
      const checked = yield* check(pipeline)
      yield* checkArms(suite(arm), checked)
      return yield* rowsOf(suite(arm), yield* run(checked), "a", metric, 1)
    }).pipe(
      Effect.catchTag("SuiteInvalid", ({ message, hint }) => Effect.succeed(`${message}; ${hint}`)),
      Effect.provide(Layer.mergeAll(Store.layer(store), Layer.succeed(Resources, {}), registry([]))),
    ),
  )
const value = async (arm: Arm, metric?: string) => {
  const found = await values(arm, metric)
  return typeof found === "string" ? found : reduced(arm, found)
}

describe("an arm", () => {
  const table = "scores.scores"
  it("is the mean of its rows, or what it says instead", async () => {
    expect(await value({ table, where: { arm: "a" } })).toBe(3)
    expect(await value({ table, where: { arm: "a" }, reduce: "max" })).toBe(6)
    expect(await value({ table, where: { arm: "a" }, reduce: "min" })).toBe(1)
    expect(await value({ table })).toBe(4.75)
  })
  it("is a curve where its rows are asked for", async () => {
    expect(await values({ table, where: { arm: "a" } })).toEqual([1, 2, 6])
  })
  it("that no step gives is told before anything runs", async () => {
    expect(await value({ table: "scores.score" })).toBe("arm 'a': no step gives 'scores.score'; did you mean 'scores'?")
    expect(await value({ table: "score.scores" })).toBe("arm 'a': no step gives 'score.scores'; did you mean 'scores'?")
  })
  it("without rows, or without numbers, says so", async () => {
    expect(await value({ table, where: { arm: "c" } })).toMatch(/no row of 'scores.scores' is \{"arm":"c"\}/)
    expect(await value({ table }, "arm")).toMatch(/no column of numbers 'arm'; it has arm, score/)
  })
})
