/** Gradients of TINY5: the card's figures, what each estimator of the KL does, and samples against the expectation. */
import { Divergence, k1, k2, k3, logSoftmax, onLogits } from "@relent/divergence"
import { source } from "@relent/random"
import { policyOf, Tabular, type TabularPolicy } from "@relent/sequence"
import { describe, expect, it } from "vitest"
import {
  exactGradient,
  type Objective,
  sampledGradient,
  scoreGradient,
  worth,
} from "../src/inference/policy-gradient.ts"
import { beta, prior, probabilities, reward, target, uniform } from "./tiny5.ts"

const logPrior = Tabular.logProbabilities(prior)
const objective: Objective = { contexts: 1, answers: 5, logPrior, reward, beta, charge: k1.penalty }
const logU = Tabular.logProbabilities(uniform)
const logT = logU.map((l, i) => l - logPrior[i]!)
const u = Float64Array.from(probabilities(uniform))
const close = (actual: ArrayLike<number>, expected: ReadonlyArray<number>, digits = 9) =>
  Array.from(actual).forEach((x, i) => expect(x).toBeCloseTo(expected[i]!, digits))

describe("expected gradients at the uniform policy", () => {
  it("of the objective", () => {
    close(exactGradient(logU, objective), [-0.105315055, -0.034083263, -0.003397981, 0.056055508, 0.08674079])
  })
  it("of k1 as a loss: nothing at all", () => close(scoreGradient(u, logT.map(k1.slope)), [0, 0, 0, 0, 0], 15))
  it("of k2 as a loss: that of KL(pi, pi0)", () => {
    const gradient = scoreGradient(u, logT.map(k2.slope))
    close(gradient, [-0.189369889, -0.131833475, 0.006795961, 0.087888983, 0.226518419])
    close(gradient, [...onLogits(Divergence.reverseKl, prior.logits, uniform.logits).gradient.model], 12)
  })
  it("of k3 as a loss: that of KL(pi0, pi), pi - pi0", () => {
    close(scoreGradient(u, logT.map(k3.slope)), [-0.2, -0.1, 0.05, 0.1, 0.15], 12)
  })
  it("of k1 as a charge: that of KL(pi, pi0); of k3: less that of KL(pi0, pi)", () => {
    const ofKl = [...onLogits(Divergence.reverseKl, prior.logits, uniform.logits).gradient.model]
    close(scoreGradient(u, logT.map(k1.penalty)), ofKl, 12)
    const forward = onLogits(Divergence.kl, prior.logits, uniform.logits).gradient.model
    close(
      scoreGradient(u, logT.map(k3.penalty)),
      ofKl.map((g, i) => g - forward[i]!),
      12,
    )
  })
})

it("the link of reverse-kl is k1", () => {
  for (const l of [-700, -1, 0, 0.3, 5000]) expect(Divergence.reverseKl.link(l)).toBeCloseTo(k1.penalty(l), 12)
})

describe("the gradient of r - beta D(prior || policy), any D", () => {
  const start = Float64Array.of(0.3, -0.2, 0.5, 0, -1)
  const { kl, reverseKl, pearsonChi2, neymanChi2, jensenShannon } = Divergence
  it.each([kl, reverseKl, pearsonChi2, neymanChi2, jensenShannon].map((d) => [d.name, d] as const))("%s", (_, d) => {
    const J = (logits: Float64Array) => {
      const policy = Tabular.make(1, 5, logits)
      const p0 = probabilities(prior)
      return Tabular.expect(policy, reward)[0]! - beta * d.between(p0, probabilities(policy))
    }
    const gradient = exactGradient(logSoftmax(start), { ...objective, charge: (l) => d.link(l) })
    const h = 1e-5
    for (let a = 0; a < 5; a++) {
      const moved = (by: number) => J(start.map((z, i) => (i === a ? z + by : z)))
      expect(gradient[a]).toBeCloseTo((moved(h) - moved(-h)) / (2 * h), 8)
    }
  })
})

describe("reinforce", () => {
  // Two contexts, so that their mean is tested too.
  const two: Objective = {
    ...objective,
    contexts: 2,
    logPrior: Float64Array.of(...logPrior, ...logPrior.toReversed()),
    reward: Float64Array.of(...reward, ...reward.map((r) => r * r)),
  }
  const policy: TabularPolicy = Tabular.make(2, 5, Float64Array.of(0.3, -0.2, 0.5, 0, -1, 0, 0, 1, 0, 0))
  const random = source({ seed: 3, stream: "reinforce" })
  const gradients = (baseline: "leave-one-out" | "none", repeats: number) =>
    Array.from({ length: repeats }, (_, step) =>
      sampledGradient(
        Tabular.logProbabilities(policy),
        two,
        (context) => Tabular.sample(policy, context, 4, random(baseline, step, context)),
        baseline,
      ),
    )
  const spread = (all: ReadonlyArray<Float64Array>, i: number) => {
    const mean = all.reduce((sum, g) => sum + g[i]!, 0) / all.length
    const variance = all.reduce((sum, g) => sum + (g[i]! - mean) ** 2, 0) / (all.length - 1)
    return { mean, variance }
  }
  const exact = exactGradient(Tabular.logProbabilities(policy), two)
  const repeats = 10_000
  const withBaseline = gradients("leave-one-out", repeats)
  const without = gradients("none", repeats)
  it("is the exact gradient in the mean, with the baseline and without", () => {
    for (const all of [withBaseline, without])
      exact.forEach((g, i) => {
        const { mean, variance } = spread(all, i)
        expect(Math.abs(mean - g)).toBeLessThan(4 * Math.sqrt(variance / repeats))
        expect(Math.sqrt(variance / repeats)).toBeLessThan(0.004) // so that the line above can fail
      })
  })
  it("has less variance with the baseline", () => {
    const total = (all: ReadonlyArray<Float64Array>) => exact.reduce((sum, _, i) => sum + spread(all, i).variance, 0)
    expect(total(withBaseline)).toBeLessThan(total(without))
  })
  it("has no noise at the posterior: all answers are worth beta log Z", () => {
    const logPi = Tabular.logProbabilities(policyOf(target))
    close(
      worth(logPi, objective),
      Array.from({ length: 5 }, () => beta * target.logZ[0]!),
      12,
    )
    const g = sampledGradient(logPi, objective, () => Int32Array.of(4, 4, 0), "leave-one-out")
    close(g, [0, 0, 0, 0, 0], 14)
    const noisy = sampledGradient(logPi, objective, () => Int32Array.of(4, 4, 0), "none")
    expect(Math.max(...noisy)).toBeGreaterThan(0.1)
  })
  it("takes the mean of the others from each", () => {
    // two samples, answers 0 and 4 worth 0 and 2 at beta 0: advantages -2 and 2
    const g = sampledGradient(logU, { ...objective, beta: 0 }, () => Int32Array.of(0, 4), "leave-one-out")
    close(g, [-1, 0, 0, 0, 1], 12)
  })
})

describe("an answer that is never given", () => {
  const never = Tabular.make(1, 5, Float64Array.of(0, -Infinity, 0, 0, 0))
  it("has no gradient, whatever its reward", () => {
    const r = reward.map((x, a) => (a === 1 ? -Infinity : x))
    const g = exactGradient(Tabular.logProbabilities(never), { ...objective, reward: r })
    expect(g[1]).toBeCloseTo(0, 15)
    expect(g.every(Number.isFinite)).toBe(true)
  })
})
