/** What PPO's first update is made of, by the card: returns before whitening, the score with a sequence's last token. */
import { descentFrom } from "@relent/nn/float64"
import { source } from "@relent/random"
import type { Policy } from "@relent/sequence"
import { parametersOf, sample } from "@relent/sequence/policies"
import { Column, TableSchema } from "@relent/arrow"
import { runStage } from "@relent/stage/testing"
import { Backend } from "@relent/tensor"
import { Effect, Layer } from "effect"
import { expect, it } from "vitest"
import { ppoUpdates } from "../src/inference/ppo-updates.ts"
import type { KlRl } from "../src/kl-rl.ts"
import { sampleRewards } from "../src/rewards.ts"
import { trainLanguageModel } from "../src/train-language-model.ts"
import { prior as tiny, reward as tinyReward } from "./tiny5.ts"

const backend = Layer.fresh(Backend.wasm)
const inBackend = <A>(program: Effect.Effect<A, any, Backend>) => Effect.runPromise(Effect.provide(program, backend))
const random = source({ seed: 9, stream: "ppo" })

const Text = TableSchema.make("text", 1, { text: Column.utf8 })
const [batch, lam, vfCoef] = [24, 0.9, 0.1]
const ppo = { epochs: 1, minibatches: 1, eps: 0.2, epsv: 0.2, vfCoef, gamma: 1, lam }
const parameters = { beta: 0.5, batch, klEstimator: "k1", ppo } as KlRl

/** With a critic of zeros and the prior as policy: what the critic's gradient sums to, and by the card should. */
const criticOf = async (prior: Policy, reward: Float64Array) => {
  const { first, updates } = ppoUpdates({ parameters, prior, from: prior, reward, random }, prior, () =>
    Effect.succeed(prior),
  )
  const state = descentFrom(first)
  const [update] = await inBackend(updates(state, 0))
  const gradient = await inBackend(update!(state))
  const drawn = await inBackend(sample(prior, 0, batch, (i) => random("rollout", 0, 0, i)))
  const scores = sampleRewards(prior, reward, drawn)
  let [returns, tokens] = [0, 0]
  // of a row of n tokens the return at t is lambda^(n - 1 - t) of its score
  drawn.lengths.forEach((n, row) => {
    for (let t = 0; t < n; t++) returns += lam ** t * scores[row]!
    tokens += n
  })
  const found = gradient.subarray(parametersOf(prior).length).reduce((sum, g) => sum + g, 0)
  return { found, expected: (-vfCoef * returns) / tokens, lengths: drawn.lengths }
}

it("the critic learns what answers score, not what is whitened", async () => {
  const { found, expected } = await criticOf(tiny, tinyReward)
  expect(expected).toBeLessThan(-0.01)
  expect(found).toBeCloseTo(expected, 12)
})

it("a sequence that ends early has its score at its end", async () => {
  const text = Text.make({ text: ["call me ishmael some years ago never mind how long precisely"] })
  const shape = { length: 6, blocks: 1, width: 8, heads: 2, steps: 1, batch: 8 }
  const { outputs } = await inBackend(runStage<Backend>(trainLanguageModel, { inputs: { text }, parameters: shape }))
  const policy: Policy = { ...outputs["policy"], end: 0 }
  const paid = Float64Array.from({ length: 27 ** 2 }, (_, i) => 1 + (i % 27) / 27) // every token, so that early ends matter
  const { found, expected, lengths } = await criticOf(policy, paid)
  expect(lengths.some((n) => n < 6)).toBe(true)
  expect(expected).toBeLessThan(-0.01)
  expect(found).toBeCloseTo(expected, 6)
})
