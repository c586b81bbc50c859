/** Losses as TRL has them; tools/parity/preferences.py and ppo.py write the numbers. */
import { Divergence, type FDivergence, k1, k2, preferenceLosses, type PreferenceOptions } from "@relent/divergence"
import { relativeError } from "@relent/tensor/testing"
import { describe, expect, it } from "vitest"
import { clippedLoss, generalisedAdvantages, whitened } from "../src/inference/ppo.ts"
import ppo from "./golden/ppo.json" with { type: "json" }
import preferences from "./golden/preferences.json" with { type: "json" }

const float64 = 1e-12
const float32 = 2e-5

describe("f-DPO is TRL's DPO, with its gradient:", () => {
  const [winners, losers] = [Float64Array.from(preferences.winners), Float64Array.from(preferences.losers)]
  const { reverseKl, kl, jensenShannon, alpha } = Divergence
  // TRL's links are of t = pi / pi0: log t, 1 - 1/t, log(2t / (1 + t)) and (t^(a - 1) - 1) / (a - 1), the constants without effect on
  // a margin. The third is that of KL(pi || m) + KL(pi0 || m), twice Jensen–Shannon, so beta is doubled here. The fourth is the
  // derivative of (t^a - a t + a - 1) / (a (a - 1)), which is the algebra's alpha with pi and pi0 swapped: its order is 1 - a.
  type Name = Exclude<keyof typeof preferences, "winners" | "losers">
  const ofAlpha = (a: number): readonly [Name, FDivergence, PreferenceOptions, number] => [
    `alpha_divergence ${a}` as Name,
    alpha.make(1 - a),
    { beta: 0.1 },
    float32, // TRL has it in no other precision
  ]
  it.each<readonly [Name, FDivergence, PreferenceOptions, number]>([
    ["reverse_kl", reverseKl, { beta: 0.1 }, float64],
    ["forward_kl", kl, { beta: 0.1 }, float64],
    ["js_divergence", jensenShannon, { beta: 2 * 0.1 }, float64],
    ...[0.5, 0.25, 0, 1, -1, 2].map(ofAlpha),
    ["smoothing 0.1", reverseKl, { beta: 0.5, smoothing: 0.1 }, float64],
  ])("%s", (name, divergence, options, bound) => {
    const found = preferenceLosses(divergence, winners, losers, options)
    for (const part of ["loss", "byWinner", "byLoser"] as const)
      expect(
        relativeError(
          found.map((pair) => pair[part]),
          preferences[name][part],
        ),
      ).toBeLessThan(bound)
  })
})

describe("PPO is TRL's:", () => {
  const length = 6
  const shape = { length, lengths: Int32Array.from(ppo.lengths) }
  const made = (seed: number, scale = 1) =>
    Float64Array.from({ length: 4 * length }, (_, k) => scale * Math.sin(1.7 * k + seed))
  const plus = (x: Float64Array, y: Float64Array) => x.map((v, i) => v + y[i]!)
  const [logs, prior] = [made(0).map((v) => v - 2), made(3).map((v) => v - 2)]
  const counts = logs.map((_, i) => Number(i % length < shape.lengths[Math.floor(i / length)]!))
  const logT = logs.map((l, i) => l - prior[i]!)

  it("the penalties k1, in the reward of a token, and k2", () => {
    const { scores, beta, values } = ppo.rewards
    const paid = logT.map((l, i) => {
      const row = Math.floor(i / length)
      const last = i % length === shape.lengths[row]! - 1
      return counts[i]! * ((last ? scores[row]! : 0) - beta * k1.penalty(l))
    })
    expect(relativeError(paid, values)).toBeLessThan(float64)
    expect(relativeError(logT.map(k2.penalty), ppo.mse)).toBeLessThan(float64)
  })

  it.each(ppo.advantages)("generalised advantages, gamma $gamma and lambda $lambda", (wanted) => {
    const [rewards, values] = [Float64Array.from(ppo.rewards.values), made(1)]
    const raw = generalisedAdvantages(shape, rewards, values, wanted.gamma, wanted.lambda)
    const returns = raw.map((a, i) => counts[i]! * (a + values[i]!))
    expect(relativeError(returns, wanted.returns)).toBeLessThan(float64)
    // TRL divides by the root of the sample variance n v / (n - 1) + 1e-8, relent by that of v + 1e-8
    const n = counts.reduce((a, b) => a + b, 0)
    const mean = raw.reduce((sum, a) => sum + a, 0) / n
    const v = raw.reduce((sum, a, i) => sum + counts[i]! * (a - mean) ** 2, 0) / n
    const ratio = Math.sqrt((v + 1e-8) / ((n * v) / (n - 1) + 1e-8))
    const found = whitened(shape, raw).map((a) => a * ratio)
    expect(relativeError(found, wanted.whitened)).toBeLessThan(float64)
  })

  it.each(ppo.losses)("clipped losses at eps $eps, of values at $epsv, with their gradients", (wanted) => {
    const old = { logs, values: made(1), advantages: made(7), returns: made(8, 2) }
    const now = [plus(logs, made(5, 0.4)), plus(plus(made(6, 0.8), made(1, 0.2)), made(8, 1.6))] as const
    const found = clippedLoss(shape, old, ...now, wanted)
    expect(found.loss).toBeCloseTo(wanted.policy + wanted.critic, 12)
    expect(relativeError(found.byLog, wanted.byLog)).toBeLessThan(float64)
    expect(relativeError(found.byValue, wanted.byValue)).toBeLessThan(float64)
  })
})
