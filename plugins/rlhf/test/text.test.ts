/** Policies from texts, rewards of steps, samples, and every method on an autoregressive policy. */
import { Column, TableSchema } from "@relent/arrow"
import { letters, Markov, makeMarkovTarget, Policy, Rewards, rowSums, samplesOf, stepTilt } from "@relent/sequence"
import {
  parametersOf,
  sample as sampleOf,
  score,
  tokenLogProbabilities,
  withParameters,
} from "@relent/sequence/policies"
import { source } from "@relent/random"
import type { AnyStage } from "@relent/stage"
import { failureOf, type Given, runStage } from "@relent/stage/testing"
import { Backend } from "@relent/tensor"
import { Effect, Layer } from "effect"
import { beforeAll, describe, expect, it } from "vitest"
import { evidenceReport } from "../src/evidence-report.ts"
import { fDpg } from "../src/f-dpg.ts"
import { fDpo } from "../src/f-dpo.ts"
import { klRl } from "../src/kl-rl.ts"
import { markovPrior } from "../src/markov-prior.ts"
import { policyReport } from "../src/policy-report.ts"
import { posteriorTarget } from "../src/posterior-target.ts"
import { preferencePairs } from "../src/preference-pairs.ts"
import { sample } from "../src/sample.ts"
import { stepReward } from "../src/step-reward.ts"
import { targetDivergenceReport } from "../src/target-divergence-report.ts"
import { trainLanguageModel } from "../src/train-language-model.ts"

const backend = Layer.fresh(Backend.wasm)
const inBackend = <A>(program: Effect.Effect<A, any, Backend>) => Effect.runPromise(Effect.provide(program, backend))
const run = (stage: AnyStage, given: Given) => inBackend(runStage<Backend>(stage, given))
const failure = (stage: AnyStage, given: Given) => inBackend(failureOf<Backend>(stage, given))

const Text = TableSchema.make("text", 1, { text: Column.utf8 })
const text = Text.make({
  text: ["call me ishmael some years ago", "never mind how long precisely having little money"],
})

describe("markov-prior", () => {
  it("counts adjacent letters", async () => {
    const short = Text.make({ text: ["ab", "ab"] }) // "ab ab"
    const { policy } = (await run(markovPrior, { inputs: { text: short }, parameters: { length: 3, smoothing: 0.5 } }))
      .outputs
    const P = Markov.logTransitions(policy).map(Math.exp)
    const [a, b] = letters.encode("ab")
    expect(P[a! * 27 + b!]).toBeCloseTo(2.5 / (2 + 27 / 2), 12)
    expect(P[b! * 27]).toBeCloseTo(1.5 / (1 + 27 / 2), 12)
    expect(P[a!]).toBeCloseTo(1.5 / (1 + 27 / 2), 12)
    expect(policy).toMatchObject({ start: 0, length: 3, tied: true })
  })
  it("refuses what are no letters, and a letter that nothing follows", async () => {
    expect(await failure(markovPrior, { inputs: { text: Text.make({ text: ["A"] }) } })).toContain('it has no "A"')
    expect(await failure(markovPrior, { inputs: { text }, parameters: { smoothing: 0 } })).toContain(
      "a smoothing above 0",
    )
  })
})

describe("step-reward", () => {
  const policies = async () => {
    const other = Text.make({ text: ["whales whales whales"] })
    const [policy, second] = [
      (await run(markovPrior, { inputs: { text } })).outputs["policy"],
      (await run(markovPrior, { inputs: { text: other } })).outputs["policy"],
    ]
    return { policy, other: second }
  }
  it("by odds and beta 1 the posterior is the other policy, log Z 0", async () => {
    const { policy, other } = await policies()
    const { reward } = (await run(stepReward, { inputs: { policy, other }, parameters: { reward: "odds" } })).outputs
    const given = { prior: policy, reward }
    const { target } = (await run(posteriorTarget, { inputs: given, parameters: { beta: 1 } })).outputs
    expect(target.chain.logZ).toBeCloseTo(0, 12)
    const { report } = (await run(targetDivergenceReport, { inputs: { policy: other, target } })).outputs
    expect([...report.rows][0].kl_target_policy).toBeLessThan(1e-12)
  })
  it("pays letters, tokens and fluency, and refuses the rest", async () => {
    const { policy, other } = await policies()
    const table = async (parameters: object, inputs: object = { policy, other }) =>
      (await run(stepReward, { inputs, parameters })).outputs["reward"].columns.reward as Float64Array
    const vowels = await table({})
    expect(vowels.reduce((sum, g) => sum + g, 0)).toBe(5 * 27)
    expect(await table({ reward: { tokens: [1, 5, 9, 15, 21] } })).toEqual(vowels)
    expect((await table({ reward: "fluency" }))[3]).toBeCloseTo(Markov.logTransitions(other)[3]!, 12)
    expect(await failure(stepReward, { inputs: { policy }, parameters: { reward: "odds" } })).toContain(
      "give the input 'other'",
    )
    expect(await failure(stepReward, { inputs: { policy }, parameters: { reward: { tokens: [27] } } })).toContain(
      "no token 27",
    )
  })
})

describe("sample", () => {
  it("is text, the same whatever the number, and nearer to a target by quasi-rejection", async () => {
    const { policy } = (await run(markovPrior, { inputs: { text } })).outputs
    const few = [...(await run(sample, { inputs: { policy }, parameters: { samples: 3 } })).outputs["samples"].rows]
    const many = [...(await run(sample, { inputs: { policy }, parameters: { samples: 400 } })).outputs["samples"].rows]
    expect(many.slice(0, 3)).toEqual(few)
    expect(few[0].text).toMatch(/^ [a-z ]{8}$/)
    const vowels = Float64Array.from({ length: 27 ** 2 }, (_, i) => ([1, 5, 9, 15, 21].includes(i % 27) ? 1 : 0))
    const target = makeMarkovTarget(policy, stepTilt(27, vowels))
    const kept = await run(sample, { inputs: { policy, target }, parameters: { samples: 400, bound: 20 } })
    const rows = [...kept.outputs["samples"].rows]
    expect(rows.length).toBeLessThan(300)
    const share = (all: ReadonlyArray<any>) =>
      all.reduce((n, row) => n + row.text.replace(/[^aeiou]/g, "").length, 0) / all.length
    expect(share(rows)).toBeGreaterThan(share(many) + 0.5)
    expect(
      await failure(sample, { inputs: { policy: { ...policy, start: 0 } }, parameters: { samples: 0 } }),
    ).toContain("greater than 0")
  })
})

describe("an autoregressive policy", () => {
  const random = source({ seed: 6, stream: "autoregressive" })
  let policy: Extract<Policy, { kind: "autoregressive" }>
  let reward: unknown
  let loss: number
  it("learns from a text", () => expect(loss).toBeLessThan(Math.log(27)))
  beforeAll(async () => {
    const parameters = { length: 6, blocks: 1, width: 8, heads: 2, steps: 30, batch: 8, learningRate: 0.01, every: 30 }
    const { outputs, metrics } = await run(trainLanguageModel, { inputs: { text }, parameters })
    policy = outputs["policy"]
    loss = metrics.at(-1)!["loss"]
    reward = (await run(stepReward, { inputs: { policy } })).outputs["reward"]
  })
  it("gives sequences that neither number nor order changes, with their log-probabilities", async () => {
    const few = await inBackend(sampleOf(policy, 0, 3, (i) => random("sample", i)))
    const many = await inBackend(sampleOf(policy, 0, 70, (i) => random("sample", i)))
    expect(few.tokens).toEqual(many.tokens.subarray(0, 18))
    const logs = rowSums(many, await inBackend(tokenLogProbabilities(policy, many)))
    expect(logs.every((l) => l < 0 && l > -60)).toBe(true)
    // the first token's probabilities, summed over all tokens
    const firsts = samplesOf(
      Int32Array.from({ length: 27 * 6 }, (_, i) => (i % 6 === 0 ? i / 6 : 0)),
      6,
    )
    const first = await inBackend(tokenLogProbabilities(policy, firsts))
    expect(Array.from({ length: 27 }, (_, v) => Math.exp(first[v * 6]!)).reduce((a, b) => a + b)).toBeCloseTo(1, 5)
  })
  it("ends at its end token, and what lies behind it counts nothing", async () => {
    const ending = { ...policy, end: 0 }
    const drawn = await inBackend(sampleOf(ending, 0, 40, (i) => random("end", i)))
    expect(drawn.lengths.some((n) => n < 6)).toBe(true)
    drawn.lengths.forEach((n, row) => {
      const own = [...drawn.tokens.subarray(row * 6, row * 6 + n)]
      expect(own.indexOf(0)).toBe(own.includes(0) ? n - 1 : -1)
    })
    const logs = await inBackend(tokenLogProbabilities(ending, drawn))
    drawn.lengths.forEach((n, row) =>
      expect(logs.subarray(row * 6 + n, (row + 1) * 6).every((l) => l === 0)).toBe(true),
    )
  })
  it("has the score of differences", async () => {
    const samples = await inBackend(sampleOf(policy, 0, 5, (i) => random("score", i)))
    const weights = Float64Array.from(random("weights").normals(30))
    const gradient = await inBackend(score(policy, samples, weights))
    const from = parametersOf(policy)
    const direction = Float64Array.from(random("direction").normals(from.length), (z) => z / 10)
    const at = async (h: number) => {
      const moved = withParameters(
        policy,
        from.map((w, i) => w + h * direction[i]!),
      ) // along one line
      return (await inBackend(tokenLogProbabilities(moved, samples))).reduce((sum, l, i) => sum + l * weights[i]!, 0)
    }
    const slope = gradient.reduce((sum, g, i) => sum + g * direction[i]!, 0)
    const found = ((await at(0.01)) - (await at(-0.01))) / 0.02
    expect(Math.abs(found - slope)).toBeLessThan(0.01 * Math.abs(slope) + 0.01)
  })
  it("goes through its table, and through every stage", async () => {
    expect(await Effect.runPromise(Policy.decode(Policy.encode(policy)))).toEqual(policy)
    const inputs = { prior: policy, reward }
    const rl = await run(klRl, { inputs, parameters: { beta: 0.5, batch: 32, steps: 4, learningRate: 0.02, every: 4 } })
    expect(rl.metrics.at(-1)!["elbo"]).toBeGreaterThan(rl.metrics[0]!["elbo"])
    expect(rl.metrics[0]).toMatchObject({ exact: false, logZ: null })
    const { target } = (await run(posteriorTarget, { inputs, parameters: { beta: 0.5 } })).outputs
    const dpg = await run(fDpg, {
      inputs: { policy, target },
      parameters: { samples: 32, steps: 4, learningRate: 0.02, every: 2, warmUp: 1 },
    })
    expect(dpg.metrics.at(-1)!["kl_target_policy"]).toBeLessThan(dpg.metrics[0]!["kl_target_policy"])
    const { pairs } = (await run(preferencePairs, { inputs: { policy, reward }, parameters: { pairs: 64 } })).outputs
    const dpo = await run(fDpo, {
      inputs: { prior: policy, pairs },
      parameters: { batch: "all", steps: 3, learningRate: 0.02, every: 1 },
    })
    expect(dpo.metrics[0]!["loss"]).toBeCloseTo(Math.LN2, 6)
    expect(dpo.metrics.at(-1)!["loss"]).toBeLessThan(0.69)
    const found = { policy: dpo.outputs["policy"], prior: policy, reward }
    const [report] = [
      ...(await run(policyReport, { inputs: found, parameters: { samples: 64 } })).outputs["report"].rows,
    ]
    expect(report).toMatchObject({ exact: false })
    const evidence = { policy, prior: policy, target }
    const rows = [
      ...(await run(evidenceReport, { inputs: evidence, parameters: { samples: 64 } })).outputs["report"].rows,
    ]
    expect(rows).toHaveLength(1)
    expect(rows[0]).toMatchObject({ exact: false, eubo: null, kl_k1: 0 })
  })
  it("is refused where it would have to be exact", async () => {
    const inputs = { prior: policy, reward }
    expect(await failure(klRl, { inputs, parameters: { estimator: "exact" } })).toContain("can't be exact")
    const short = Rewards.make({ context: [0], reward: [0] })
    expect(await failure(klRl, { inputs: { prior: policy, reward: short } })).toContain("the rewards are of steps")
    expect(await failure(trainLanguageModel, { inputs: { text: Text.make({ text: ["abc"] }) } })).toContain(
      "no string of 32",
    )
  })
})
