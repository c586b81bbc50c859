/** PPO's parts, and kl-rl over sequences: exact gradients, samples, evidence. */
import { source } from "@relent/random"
import { Chain, Exact, Markov, Rewards } from "@relent/sequence"
import { describe, expect, it } from "vitest"
import { evidenceReport } from "../src/evidence-report.ts"
import { clippedLoss, generalisedAdvantages, whitened } from "../src/inference/ppo.ts"
import { exactSequenceGradient } from "../src/inference/sequence-gradient.ts"
import { klRl } from "../src/kl-rl.ts"
import { posteriorTarget } from "../src/posterior-target.ts"
import { failure, run } from "./run.ts"
import { beta, posteriorProbabilities, prior as tiny, probabilities, reward as tinyReward } from "./tiny5.ts"

const random = source({ seed: 4, stream: "sequence-rl" })
const V = 3
const prior = Markov.makeMarkov({
  vocabulary: V,
  length: 4,
  start: 0,
  tied: true,
  logits: Float64Array.from(random("prior").normals(9)),
})
const steps = Float64Array.from(random("reward").normals(9))
const reward = Rewards.make({ context: [0, 1, 2], reward: steps })
const inputs = { prior: Markov.untied(prior), reward }
const row = { length: 3, lengths: Int32Array.of(3) }

describe("ppo", () => {
  it("has the card's advantages", () => {
    const A = generalisedAdvantages(row, Float64Array.of(-0.1, 0.2, 1), Float64Array.of(0.5, 0.4, 0.3), 1, 0.95)
    ;[0.52675, 0.765, 0.7].forEach((a, t) => expect(A[t]).toBeCloseTo(a, 12))
  })
  it("gives nothing to what lies behind the end, and the last token no value after it", () => {
    const two = { length: 3, lengths: Int32Array.of(2) }
    const A = generalisedAdvantages(two, Float64Array.of(1, 2, 99), Float64Array.of(0.5, 0.25, 99), 0.9, 0.5)
    expect(A[1]).toBeCloseTo(1.75, 12)
    expect(A[0]).toBeCloseTo(1 + 0.9 * 0.25 - 0.5 + 0.45 * 1.75, 12)
    expect(A[2]).toBe(0)
    const white = whitened(two, Float64Array.of(1, 3, 99))
    expect([...white].map((x) => Math.round(x * 1e6) / 1e6)).toEqual([-1, 1, 0])
  })
  const old = {
    logs: Float64Array.of(-1, -2, -1.5),
    values: Float64Array.of(0.1, 0.2, 0.3),
    advantages: Float64Array.of(1, -0.5, 2),
    returns: Float64Array.of(0.6, 0.1, 0.9),
  }
  const clipping = { eps: 0.2, epsv: 0.2, vfCoef: 0.1 }
  it("has the gradient of differences, and none where the ratio is cut", () => {
    const [logs, values] = [Float64Array.of(-0.9, -2.1, -1), Float64Array.of(0.2, 0.1, 0.8)]
    const at = (l: Float64Array, v: Float64Array) => clippedLoss(row, old, l, v, clipping)
    const { byLog, byValue } = at(logs, values)
    const h = 1e-6
    for (let i = 0; i < 3; i++) {
      const moved = (x: Float64Array, by: number) => x.map((z, k) => (k === i ? z + by : z))
      expect(byLog[i]).toBeCloseTo((at(moved(logs, h), values).loss - at(moved(logs, -h), values).loss) / (2 * h), 6)
      expect(byValue[i]).toBeCloseTo((at(logs, moved(values, h)).loss - at(logs, moved(values, -h)).loss) / (2 * h), 6)
    }
    expect(byLog[2]).toBe(0) // rho = e^0.5, A > 0
  })
  it("comes near the posterior of TINY5", async () => {
    const given = { prior: tiny, reward: Rewards.make({ context: [0], reward: tinyReward }) }
    const parameters = { estimator: "ppo", beta, batch: 64, steps: 60, learningRate: 0.02, every: 60 }
    const { outputs, metrics } = await run(klRl, { inputs: given, parameters })
    probabilities(outputs["policy"]).forEach((p, i) =>
      expect(Math.abs(p - posteriorProbabilities[i]!)).toBeLessThan(0.08),
    )
    expect(metrics.at(-1)!["kl_to_target"]).toBeLessThan(0.05)
  })
  it("raises the objective of sequences, and goes on from a checkpoint with the same numbers", async () => {
    const parameters = { estimator: "ppo", beta: 0.5, batch: 32, steps: 20, every: 10, ppo: { minibatches: 2 } }
    const whole = await run(klRl, { inputs, parameters })
    expect(whole.metrics.at(-1)!["kl_to_target"]).toBeLessThan(0.5 * whole.metrics[0]!["kl_to_target"])
    const resumed = await run(klRl, { inputs, parameters, saved: whole.checkpoints[0]! })
    expect(resumed.outputs).toEqual(whole.outputs)
  })
})

describe("kl-rl over sequences", () => {
  it("goes to the posterior by dynamic programming, where the gradient vanishes", async () => {
    const parameters = { estimator: "exact", beta: 0.5, steps: 300, every: 100 }
    const { outputs, metrics } = await run(klRl, { inputs, parameters })
    expect(metrics.at(-1)!["kl_to_target"]).toBeLessThan(0.01 * metrics[0]!["kl_to_target"])
    for (const { elbo, kl_to_target, logZ, residual, objective } of metrics) {
      expect(residual).toBeLessThan(1e-9)
      expect(elbo + kl_to_target).toBeCloseTo(logZ, 9)
      expect(objective).toBeCloseTo(0.5 * elbo, 9)
    }
    const { target } = (await run(posteriorTarget, { inputs, parameters: { beta: 0.5 } })).outputs
    const posterior = Chain.asPolicy(target.chain)!
    expect(Markov.kl(outputs["policy"], posterior)).toBeCloseTo(metrics.at(-1)!["kl_to_target"], 12)
    const gradient = exactSequenceGradient(posterior, prior, steps, 0.5)
    expect(Math.max(...gradient.map(Math.abs))).toBeLessThan(1e-14)
    const found = { policy: posterior, prior, target }
    const { report } = (await run(evidenceReport, { inputs: found, parameters: { samples: 320 } })).outputs
    const [exact, sampled] = [...report.rows]
    expect(exact).toMatchObject({ exact: true, lowerBoundK: null, gap: expect.closeTo(0, 6) })
    // at the target all weights are Z
    expect(sampled.lowerBoundK).toBeCloseTo(exact.logZ, 9)
    expect(sampled.eubo).toBeCloseTo(exact.logZ, 9)
  })
  it("from samples has the exact gradient in the mean", async () => {
    const parameters = { beta: 0.5, batch: 4000, steps: 1, learningRate: 1 }
    const one = async (estimator: string) =>
      (await run(klRl, { inputs, parameters: { ...parameters, estimator } })).outputs["policy"]
    // Adam's first step is the sign of the gradient
    const [exact, sampled] = [await one("exact"), await one("reinforce")]
    const signs = (p: typeof exact) =>
      Array.from(p.logits as Float64Array, (z, i) => Math.sign(z - inputs.prior.logits[i]!))
    const agree = signs(exact).filter((s, i) => s === signs(sampled)[i]).length
    expect(agree).toBeGreaterThan(0.8 * exact.logits.length)
  })
  it("collapses without a penalty", async () => {
    const parameters = { beta: 0, allowCollapse: true, estimator: "exact", steps: 300 }
    const { outputs, metrics } = await run(klRl, { inputs, parameters })
    expect(Exact.entropies(outputs["policy"])[0]).toBeLessThan(0.1)
    expect(metrics.at(-1)).toMatchObject({ elbo: null, logZ: null, residual: null })
  })
})

describe("refuses", () => {
  const hard = Rewards.make({ context: [0, 1, 2], reward: steps.map((r, i) => (i === 4 ? -Infinity : r)) })
  it.each<[string, Parameters<typeof failure>, string]>([
    [
      "another divergence, exactly",
      [klRl, { inputs, parameters: { estimator: "exact", divergence: "kl" } }],
      "isn't a sum over steps",
    ],
    [
      "another divergence for ppo",
      [klRl, { inputs, parameters: { estimator: "ppo", divergence: "kl" } }],
      "leave divergence out",
    ],
    [
      "uneven minibatches",
      [klRl, { inputs, parameters: { estimator: "ppo", batch: 10, ppo: { minibatches: 3 } } }],
      "doesn't divide",
    ],
    [
      "steps of -infinity",
      [klRl, { inputs: { prior, reward: hard }, parameters: { hardConstraint: true } }],
      "distributional-target",
    ],
    [
      "rewards of answers",
      [klRl, { inputs: { prior, reward: Rewards.make({ context: [0], reward: [1, 2, 3] }) } }],
      "the rewards are of steps",
    ],
  ])("%s", async (_, given, message) => {
    expect(await failure(...given)).toContain(message)
  })
})
