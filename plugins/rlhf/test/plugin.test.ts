import { readFileSync } from "node:fs"
import { Plugin, read, registry } from "@relent/stage"
import { Effect } from "effect"
import { expect, it } from "vitest"
import { plugin } from "../src/index.ts"

it.each(Object.entries(plugin.stages))("%s goes by its name", async (name, load) => {
  expect((await load()).id).toBe(`rlhf/${name}`)
})

// the others read texts of another plugin: suites and the runner check them
it.each([
  ["tiny5", "bound-256"],
  ["f-dpo-tiny5", "js-distance"],
  ["f-dpg-variance", "variances"],
])("its pipeline %s fits together", async (name, step) => {
  const file = new URL(`../pipelines/${name}.yaml`, import.meta.url)
  const checked = read(readFileSync(file, "utf8")).pipe(Effect.provide(registry([Plugin.entry(plugin)])))
  const { steps } = await Effect.runPromise(checked)
  expect(steps.map(({ step }) => step.name)).toContain(step)
})

it("a rewards table doesn't pass for a policy", async () => {
  const text = `
name: wrong
seed: 1
stages:
  problem: { stage: rlhf/bandit, with: { prior: [[1]], reward: [[0]] } }
  rl: { stage: rlhf/kl-rl, in: { prior: problem.reward, reward: problem.reward } }
`
  const checked = read(text).pipe(Effect.provide(registry([Plugin.entry(plugin)])))
  expect((await Effect.runPromise(Effect.flip(checked))).message).toContain(
    "is sequence/rewards, wanted sequence/policy",
  )
})
