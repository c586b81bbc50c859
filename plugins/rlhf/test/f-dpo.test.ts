/** f-DPO: the population's minimum is the constrained optimum, gradients, tables that are refused. */
import { Divergence } from "@relent/divergence"
import { Names } from "@relent/named"
import { source } from "@relent/random"
import { Markov, Pairs, pairsOf, Preferences, Rewards, samplesOf, Tabular, type TabularPolicy } from "@relent/sequence"
import { Effect, Schema } from "effect"
import { describe, expect, it } from "vitest"
import { calibrationReport } from "../src/calibration-report.ts"
import { fDpo } from "../src/f-dpo.ts"
import { fOptimum } from "../src/f-optimum.ts"
import { calibrationError } from "../src/preference/calibration.ts"
import { pairGradient, pairLogs, pairLosses, weightedMean } from "../src/preference/pair-loss.ts"
import { preferencePairs } from "../src/preference-pairs.ts"
import { policyReport } from "../src/policy-report.ts"
import { failure, run } from "./run.ts"
import { prior, probabilities, reward, uniform } from "./tiny5.ts"

const rewards = Rewards.make({ context: [0], reward })
const row = (chosen: ReadonlyArray<number>, rejected: ReadonlyArray<number>, prompt = [0], weight = 1) => ({
  prompt,
  chosen,
  rejected,
  weight,
})
const pairs = (...rows: ReadonlyArray<ReturnType<typeof row>>) => Pairs.fromRows(rows.map((r, id) => ({ id, ...r })))
const population = async (policy: TabularPolicy, table: typeof rewards) =>
  (await run(preferencePairs, { inputs: { policy, reward: table }, parameters: { how: "every" } })).outputs["pairs"]

/** Spelling, and the beta that is the card's 0.5: its js is twice ours. */
const constraints: ReadonlyArray<readonly [unknown, number]> = [
  ["reverse-kl", 0.5],
  ["kl", 0.5],
  ["jensen-shannon", 1],
  [{ alpha: 0.5 }, 0.5],
]

/** Largest entry of the gradient of the population's loss at a policy, and the loss. */
const steepness = async (
  divergence: unknown,
  beta: number,
  table: TabularPolicy,
  r: typeof rewards,
  at: TabularPolicy,
) => {
  const decoded = await Effect.runPromise(
    Schema.decodeUnknownEffect(fDpo.schema)({ divergence, beta }).pipe(
      Effect.provideService(Names, { find: (_, name) => Effect.fail(`'${name}' is in no registry`) }),
    ),
  )
  const all = pairsOf(table, await population(table, r))
  const program = Effect.gen(function* () {
    const losses = pairLosses(decoded, yield* pairLogs(at, all), yield* pairLogs(table, all))
    const gradient = yield* pairGradient(at, all, losses)
    return { steepest: Math.max(...gradient.map(Math.abs)), loss: weightedMean(all.weights, (i) => losses[i]!.loss) }
  })
  return Effect.runPromise(program as Effect.Effect<{ steepest: number; loss: number }>)
}
const best = async (divergence: unknown, beta: number, table: TabularPolicy, r: typeof rewards) =>
  (await run(fOptimum, { inputs: { prior: table, reward: r }, parameters: { divergence, beta } })).outputs["policy"]

describe.each(constraints.map((c) => [JSON.stringify(c[0]), ...c] as const))("%s", (_, divergence, beta) => {
  it("has its population's minimum at the constrained optimum: TINY5", async () => {
    const { steepest, loss } = await steepness(
      divergence,
      beta,
      prior,
      rewards,
      await best(divergence, beta, prior, rewards),
    )
    expect(steepest).toBeLessThan(1e-12)
    expect(loss / 2).toBeCloseTo(0.311599543, 9) // the entropy of the labels; weights sum to 1/2
  })
  it("and on random tables", async () => {
    const random = source({ seed: 5, stream: JSON.stringify(divergence) })
    for (let k = 0; k < 5; k++) {
      const table = Tabular.make(1, 20, Float64Array.from(random("prior", k).normals(20)))
      const r = Rewards.make({ context: [0], reward: Float64Array.from(random("reward", k).normals(20)) })
      const at = async (policy: TabularPolicy) => (await steepness(divergence, beta, table, r, policy)).steepest
      expect(await at(await best(divergence, beta, table, r))).toBeLessThan(1e-10)
      expect(await at(table)).toBeGreaterThan(1e-3) // so that the line above can fail
    }
  })
})

const log2 = (p: number, q: number) => p * Math.log((2 * p) / (p + q))
/** Of the card: the optimum, its multiplier, and D(prior || policy) by hand in a term of each answer. */
const optima: ReadonlyArray<
  readonly [unknown, number, ReadonlyArray<number>, number, (p: number, pi: number) => number]
> = [
  [
    "reverse-kl",
    0.5,
    [0.056638739, 0.115470041, 0.156940057, 0.28440487, 0.386546294],
    0.977385683,
    (p, pi) => pi * Math.log(pi / p),
  ],
  [
    "kl",
    0.5,
    [0.09808291, 0.09746011, 0.072178456, 0.092748682, 0.639529841],
    1.539091217,
    (p, pi) => p * Math.log(p / pi),
  ],
  [
    "jensen-shannon",
    1,
    [0.007064274, 0.014852738, 0.02206396, 0.05350806, 0.902510968],
    1.680386799,
    (p, pi) => (log2(p, pi) + log2(pi, p)) / 2,
  ],
  [
    { alpha: 0.5 },
    0.5,
    [0.076068898, 0.093304682, 0.089704625, 0.158973307, 0.581948488],
    1.293118163,
    (p, pi) => 2 * (Math.sqrt(p) - Math.sqrt(pi)) ** 2,
  ],
]
it.each(optima)("f-optimum: policy and report of the card, %j", async (divergence, beta, wanted, lambda, term) => {
  const { outputs } = await run(fOptimum, { inputs: { prior, reward: rewards }, parameters: { divergence, beta } })
  const found = probabilities(outputs["policy"])
  wanted.forEach((p, i) => expect(found[i]).toBeCloseTo(p, 8))
  const gain = wanted.reduce((sum, p, i) => sum + p * reward[i]!, 0)
  const distance = wanted.reduce((sum, pi, i) => sum + term(probabilities(prior)[i]!, pi), 0)
  const [row] = [...outputs["optima"].rows]
  expect(row.lambda).toBeCloseTo(lambda, 8)
  expect(row.reward).toBeCloseTo(gain, 7)
  expect(row.objective).toBeCloseTo(gain - beta * distance, 7)
  expect(row.entropy).toBeCloseTo(-wanted.reduce((sum, p) => sum + p * Math.log(p), 0), 7)
})

it("descends to the optimum", async () => {
  const given = { inputs: { prior, pairs: await population(prior, rewards) } }
  const parameters = { divergence: "kl", beta: 0.5, batch: "all", steps: 600, learningRate: 0.05, every: 600 }
  const { outputs, metrics, warnings } = await run(fDpo, { ...given, parameters })
  const expected = probabilities(await best("kl", 0.5, prior, rewards))
  probabilities(outputs["policy"]).forEach((p, i) => expect(p).toBeCloseTo(expected[i]!, 3))
  expect(metrics.at(-1)!["loss"] / 2).toBeCloseTo(0.311599543, 5)
  expect(metrics.at(-1)!["clamped"]).toBe(0)
  expect(warnings).toEqual(["5 pairs are of one sequence twice: nothing is learnt of them"])
})

it("the gradient over sequences is that of differences", async () => {
  const chain = Markov.makeMarkov({
    vocabulary: 3,
    length: 4,
    start: 0,
    tied: true,
    logits: Float64Array.of(0, 1, 2, 0.5, 0, -1, 0, 0.3, 0),
  })
  const from = { ...chain, logits: chain.logits.map((z, i) => z + 0.3 * Math.sin(i)) }
  const given = pairsOf(chain, pairs(row([1, 2, 0, 1], [0, 0, 0, 2]), row([2, 2, 2, 2], [1, 0, 1, 0], [0], 2)))
  const constraint = { divergence: Divergence.kl, beta: 0.4, smoothing: 0.1 }
  const lossAt = (logits: Float64Array) =>
    Effect.gen(function* () {
      const losses = pairLosses(constraint, yield* pairLogs({ ...from, logits }, given), yield* pairLogs(chain, given))
      return { losses, loss: weightedMean(given.weights, (i) => losses[i]!.loss) }
    })
  const { losses } = await Effect.runPromise(lossAt(from.logits) as Effect.Effect<any>)
  const gradient = await Effect.runPromise(pairGradient(from, given, losses) as Effect.Effect<Float64Array>)
  const h = 1e-5
  for (let k = 0; k < 9; k++) {
    const moved = async (by: number) =>
      (await Effect.runPromise(lossAt(from.logits.map((z, i) => (i === k ? z + by : z))) as Effect.Effect<any>)).loss
    expect(gradient[k]).toBeCloseTo(((await moved(h)) - (await moved(-h))) / (2 * h), 7)
  }
})

describe("f-dpo", () => {
  it("begins at log 2, and goes on from a checkpoint with the same numbers", async () => {
    const drawn = (
      await run(preferencePairs, { inputs: { policy: prior, reward: rewards }, parameters: { pairs: 200 } })
    ).outputs["pairs"]
    const given = { inputs: { prior, pairs: drawn } }
    const parameters = { steps: 30, every: 10, batch: 32 }
    const whole = await run(fDpo, { ...given, parameters })
    const resumed = await run(fDpo, { ...given, parameters, saved: whole.checkpoints[0]! })
    expect(resumed.outputs).toEqual(whole.outputs)
    expect(resumed.metrics).toEqual(whole.metrics.slice(1))
    const first = await run(fDpo, { ...given, parameters: { steps: 1 } })
    expect(first.metrics[0]!["loss"]).toBeCloseTo(Math.LN2, 12)
    expect(first.metrics[0]).toMatchObject({ margin: 0, accuracy: 0.5, max_abs_l: 0, clamped: 0 })
  })
  it("counts links that were cut off", async () => {
    const far = Tabular.make(1, 2, Float64Array.of(0, -300))
    const half = Tabular.make(1, 2, Float64Array.of(0, 0))
    const given = { inputs: { prior: half, policy: far, pairs: pairs(row([0], [1])) } }
    const { metrics } = await run(fDpo, { ...given, parameters: { divergence: "kl", batch: "all", steps: 1 } })
    expect(metrics[0]!["clamped"]).toBe(1)
    expect(metrics[0]!["max_abs_l"]).toBeCloseTo(300 - Math.LN2, 9)
  })
})

describe("preference-pairs", () => {
  it("prefers by Bradley–Terry, whatever the batch", async () => {
    const drawn = async (count: number, given: object = {}) =>
      [
        ...(
          await run(preferencePairs, {
            inputs: { policy: prior, reward: rewards },
            parameters: { pairs: count, ...given },
          })
        ).outputs["pairs"].rows,
      ].map(({ chosen, rejected }: any) => [chosen[0], rejected[0]])
    const many = await drawn(6000)
    expect(await drawn(10)).toEqual(many.slice(0, 10))
    const between = many.filter(([a, b]) => Math.abs(a - b) === 2)
    const right = between.filter(([a, b]) => a > b).length / between.length
    const expected = 1 / (1 + Math.exp(-1)) // r differs by 1
    expect(Math.abs(right - expected)).toBeLessThan(4 * Math.sqrt((expected * (1 - expected)) / between.length))
    const sure = await drawn(500, { scale: 1e6 })
    expect(sure.every(([a, b]) => a >= b)).toBe(true)
  })
  it("prefers by a table", async () => {
    const two = Tabular.fromProbabilities([[0.5, 0.5]])
    const preferences = Preferences.make({ context: [0], beats: [0.5, 1, 0, 0.5] }, { sizes: { answers: 2 } })
    const { outputs } = await run(preferencePairs, { inputs: { policy: two, preferences }, parameters: { pairs: 100 } })
    for (const { chosen, rejected } of outputs["pairs"].rows) expect(chosen[0]).toBeLessThanOrEqual(rejected[0])
    const every = await run(preferencePairs, { inputs: { policy: two, preferences }, parameters: { how: "every" } })
    expect([...every.outputs["pairs"].columns.weight]).toEqual([0.125, 0.25, 0, 0.125])
  })
})

describe("calibration", () => {
  it("is what the bins say", () => {
    const margin = Math.log(3) // sigmoid 3/4
    expect(calibrationError([margin, margin, -margin, -margin], Float64Array.of(1, 1, 1, 1), 10)).toBeCloseTo(0.25, 12)
    expect(calibrationError([margin, margin, margin, -margin], Float64Array.of(1, 1, 1, 1), 10)).toBeCloseTo(0, 12)
    expect(calibrationError([margin, -margin], Float64Array.of(3, 1), 10)).toBeCloseTo(0, 12)
  })
  const random = source({ seed: 9, stream: "calibration" })
  const policyOf = (name: string, k: number) =>
    Tabular.make(
      2,
      6,
      Float64Array.from(random(name, k).normals(12), (z) => 2 * z),
    )
  it("changes no more than the divergence allows, on random tables", async () => {
    for (let k = 0; k < 50; k++) {
      const [policy, other, truth] = [policyOf("policy", k), policyOf("prior", k), policyOf("truth", k)]
      const given = { policy, prior: other, truth, pairs: pairs(row([0], [1])) }
      const [report] = [...(await run(calibrationReport, { inputs: given })).outputs["report"].rows]
      expect(report.change).toBeLessThanOrEqual(report.bound + 1e-12)
      const { kl, reverseKl, jensenShannon } = Divergence
      const tv = Tabular.between(Divergence.totalVariation, other, policy)
      const halves = [kl, reverseKl].map((d) => Tabular.between(d, other, policy).map((x) => Math.sqrt(x / 2)))
      const twice = Tabular.between(jensenShannon, other, policy).map((x) => Math.sqrt(2 * x))
      for (const limit of [...halves, twice]) tv.forEach((x, c) => expect(x).toBeLessThanOrEqual(limit[c]! + 1e-12))
    }
  })
  it("of a policy that is the prior is even", async () => {
    const given = { policy: prior, prior, pairs: pairs(row([0], [1]), row([1], [2])) }
    const [report] = [...(await run(calibrationReport, { inputs: given })).outputs["report"].rows]
    expect(report).toMatchObject({ pairs: 2, accuracy: 0.5, loss: Math.LN2, ece: 0, error: null, bound: null })
  })
})

it("policy-report is exact where it can be", async () => {
  const { outputs } = await run(policyReport, { inputs: { policy: uniform, prior, reward: rewards } })
  const [report] = [...outputs["report"].rows]
  expect(report).toMatchObject({ exact: true, reward: expect.closeTo(1, 12), entropy: expect.closeTo(Math.log(5), 12) })
  expect(report.kl_to_prior).toBeCloseTo(0.253702265, 9)
})

describe("refuses", () => {
  const one = { prior, pairs: pairs(row([0], [1])) }
  const chain = Markov.makeMarkov({ vocabulary: 2, length: 2, start: 0, tied: true, logits: new Float64Array(4) })
  const never = Tabular.fromProbabilities([[0.5, 0.5, 0, 0, 0]])
  const beats = (...values: ReadonlyArray<number>) =>
    Preferences.make({ context: [0], beats: values }, { sizes: { answers: 2 } })
  const two = Tabular.fromProbabilities([[0.5, 0.5]])
  it.each<[string, Parameters<typeof failure>, string]>([
    ["alpha below 0", [fDpo, { inputs: one, parameters: { divergence: { alpha: -0.5 } } }], "f*'(0) = -infinity"],
    ["total variation", [fDpo, { inputs: one, parameters: { divergence: "total-variation" } }], "full support"],
    [
      "Pearson's chi-square of the paper",
      [fDpo, { inputs: one, parameters: { divergence: "neyman-chi2" } }],
      "full support",
    ],
    ["beta 0", [fDpo, { inputs: one, parameters: { beta: 0 } }], "greater than 0"],
    ["half of the labels wrong", [fDpo, { inputs: one, parameters: { labelSmoothing: 0.5 } }], "between 0 and 0.5"],
    ["an empty completion", [fDpo, { inputs: { prior, pairs: pairs(row([0], [])) } }], "a completion is empty"],
    ["no pairs", [fDpo, { inputs: { prior, pairs: pairs() } }], "there are none"],
    ["a prompt that isn't there", [fDpo, { inputs: { prior, pairs: pairs(row([0], [1], [3])) } }], "context 3"],
    ["an answer that isn't there", [fDpo, { inputs: { prior, pairs: pairs(row([0], [7])) } }], "there is no token 7"],
    [
      "another length",
      [fDpo, { inputs: { prior: chain, pairs: pairs(row([0], [1, 1])) } }],
      "it has 1 tokens, the policy gives 2",
    ],
    [
      "another start",
      [fDpo, { inputs: { prior: chain, pairs: pairs(row([0, 0], [1, 1], [1])) } }],
      "its prompt is token 1, the policy begins after 0",
    ],
    ["a weight below 0", [fDpo, { inputs: { prior, pairs: pairs(row([0], [1], [0], -1)) } }], "its weight is -1"],
    [
      "no probability of the prior",
      [fDpo, { inputs: { prior: never, pairs: pairs(row([0], [4])) }, parameters: { batch: 1 } }],
      "the prior gives pair 0 the log-probabilities",
    ],
    ["a batch of more than there are", [fDpo, { inputs: one }], "a batch of 64 can't be drawn from 1 pairs"],
    [
      "another space",
      [fDpo, { inputs: { prior, policy: chain, pairs: one.pairs } }],
      "the policy gives sequences of 2 tokens of 2 from token 0, the prior 1 contexts by 5 answers",
    ],
    [
      "preferences that aren't complementary",
      [preferencePairs, { inputs: { policy: two, preferences: beats(0.5, 0.9, 0.2, 0.5) } }],
      "answer 0 beats 1 with 0.9, and 1 beats 0 with 0.2",
    ],
    [
      "an answer that beats itself",
      [preferencePairs, { inputs: { policy: two, preferences: beats(0.6, 0.9, 0.1, 0.5) } }],
      "answer 0 beats 0 with 0.6",
    ],
    [
      "neither rewards nor preferences",
      [preferencePairs, { inputs: { policy: two } }],
      "neither rewards nor preferences",
    ],
    [
      "every pair of sequences",
      [
        preferencePairs,
        {
          inputs: { policy: chain, reward: Rewards.make({ context: [0, 1], reward: [0, 0, 0, 0] }) },
          parameters: { how: "every" },
        },
      ],
      "can't be listed",
    ],
    [
      "rewards of answers for sequences",
      [preferencePairs, { inputs: { policy: chain, reward: rewards } }],
      "of sequences the rewards are of steps",
    ],
    [
      "f-optimum without full support",
      [fOptimum, { inputs: { prior, reward: rewards }, parameters: { divergence: "total-variation" } }],
      "full support",
    ],
  ])("%s", async (_, given, message) => {
    expect(await failure(...given)).toContain(message)
  })
})

it("samplesOf has no context but one", () => expect([...samplesOf(Int32Array.of(1, 2), 1).contexts]).toEqual([0, 0]))
