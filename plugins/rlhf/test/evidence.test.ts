/** The posterior and the bounds on its evidence: figures of TINY5, limits, invariances. */
import { Tabular, type TabularPolicy, policyOf } from "@relent/sequence"
import { describe, expect, it } from "vitest"
import {
  effectiveSamples,
  effectiveShare,
  elbo,
  eubo,
  expectedBound,
  logWeights,
  sampledBound,
} from "../src/inference/evidence.ts"
import { posterior } from "../src/inference/posterior.ts"
import { beta, posteriorProbabilities, prior, probabilities, reward, target, uniform } from "./tiny5.ts"

const close = (actual: ReadonlyArray<number>, expected: ReadonlyArray<number>, digits = 9) =>
  actual.forEach((x, i) => expect(x).toBeCloseTo(expected[i]!, digits))
const bound = (q: TabularPolicy, K: number) => expectedBound(Tabular.logProbabilities(q), logWeights(q, target), K)

describe("TINY5", () => {
  it("has the card's posterior and evidence", () => {
    close(probabilities(policyOf(target)), posteriorProbabilities)
    expect(target.logZ[0]).toBeCloseTo(1.954771366, 9)
    expect(Math.exp(target.logZ[0]!)).toBeCloseTo(7.062304157, 9)
    expect(Tabular.kl(policyOf(target), prior)[0]).toBeCloseTo(0.873978574, 9)
  })
  it("has the card's bounds, and the gap is the divergence", () => {
    expect(elbo(prior, target)[0]).toBeCloseTo(1.1, 12)
    expect(elbo(uniform, target)[0]).toBeCloseTo(1.746297735, 9)
    expect(elbo(uniform, target)[0]! * beta).toBeCloseTo(0.873148867, 9) // J(u)
    expect(eubo(uniform, target)[0]).toBeCloseTo(2.136677772, 9)
    for (const q of [prior, uniform, policyOf(target)]) {
      expect(elbo(q, target)[0]! + Tabular.kl(q, policyOf(target))[0]!).toBeCloseTo(target.logZ[0]!, 12)
      expect(eubo(q, target)[0]! - Tabular.kl(policyOf(target), q)[0]!).toBeCloseTo(target.logZ[0]!, 12)
    }
  })
  it.each([
    ["prior", prior, [1.1, 1.376128158, 1.516847237, 1.603545373]],
    ["uniform", uniform, [1.746297735, 1.852045082, 1.888353173, 1.906046832]],
  ])("has the card's L_K of the %s, and they rise to log Z", (_, q, expected) => {
    expected.forEach((L, i) => expect(bound(q, i + 1)).toBeCloseTo(L, 9))
    const all = [4, 16, 256, 65_536].map((K) => bound(q, K))
    all.forEach((L, i) => expect(L).toBeGreaterThan(all[i - 1] ?? 0))
    expect(target.logZ[0]! - all.at(-1)!).toBeGreaterThan(0)
    expect(target.logZ[0]! - all.at(-1)!).toBeLessThan(1e-4)
  })
})

it("groups samples as the definition says: all triples of a uniform policy are L_3", () => {
  const logW = logWeights(uniform, target)
  const triples = Array.from({ length: 125 }, (_, i) => [i % 5, Math.floor(i / 5) % 5, Math.floor(i / 25)])
  expect(
    sampledBound(
      Float64Array.from(triples.flat(), (a) => logW[a]!),
      3,
    ),
  ).toBeCloseTo(1.888353173, 9)
})

describe("effective samples", () => {
  it("count equal weights fully, and a dominating one once", () => {
    expect(effectiveSamples(new Float64Array(8).fill(-900))).toBeCloseTo(8, 9)
    expect(effectiveSamples(Float64Array.of(800, 0, 0, 0))).toBeCloseTo(1, 9)
  })
  it("by enumeration are what many samples have", () => {
    const logW = logWeights(prior, target)
    // (E w)^2 / E w^2 with w = exp(2 r): Z^2 / sum pi0 exp(4 r)
    const second = [0.4, 0.3, 0.15, 0.1, 0.05].reduce((sum, p, i) => sum + p * Math.exp(4 * reward[i]!), 0)
    expect(effectiveShare(Tabular.logProbabilities(prior), logW)).toBeCloseTo(7.062304157 ** 2 / second, 9)
    const inProportion = [8, 6, 3, 2, 1].flatMap((n, a) => Array.from({ length: n }, () => logW[a]!))
    expect(effectiveSamples(Float64Array.from(inProportion)) / 20).toBeCloseTo(7.062304157 ** 2 / second, 9)
  })
})

describe("limits and invariances of the posterior", () => {
  const of = (r: ArrayLike<number>, b: number) => posterior(prior, Float64Array.from(r), b)
  it("beta to infinity gives the prior, beta to 0 the prior on the best answers", () => {
    close(probabilities(policyOf(of(reward, 1e12))), [0.4, 0.3, 0.15, 0.1, 0.05])
    close(probabilities(policyOf(of(reward, 1e-3))), [0, 0, 0, 0, 1])
    close(probabilities(policyOf(of([0, 2, 1, 2, 2], 1e-3))), [0, 0.3 / 0.45, 0, 0.1 / 0.45, 0.05 / 0.45])
  })
  it("holds its identity where probabilities underflow", () => {
    const cold = of(reward, 1e-3)
    const gap = Tabular.kl(prior, policyOf(cold))[0]!
    expect(gap).toBeGreaterThan(1000)
    expect(elbo(prior, cold)[0]! + gap).toBeCloseTo(cold.logZ[0]!, 9)
  })
  it("a constant on the reward moves log Z by const / beta alone; scaling reward and beta changes nothing", () => {
    const shifted = of(
      reward.map((r) => r + 3),
      beta,
    )
    expect(shifted.logZ[0]! - target.logZ[0]!).toBeCloseTo(3 / beta, 12)
    close(probabilities(policyOf(shifted)), probabilities(policyOf(target)), 12)
    const scaled = of(
      reward.map((r) => 7 * r),
      7 * beta,
    )
    expect(scaled.logZ[0]).toBeCloseTo(target.logZ[0]!, 12)
    close(probabilities(policyOf(scaled)), probabilities(policyOf(target)), 12)
  })
  it("a hard constraint costs what its answers had: log Z = log pi0(b), KL = -log pi0(b)", () => {
    const hard = of([-Infinity, -Infinity, 0, -Infinity, 0], beta)
    expect(hard.logZ[0]).toBeCloseTo(Math.log(0.2), 12)
    expect(Tabular.kl(policyOf(hard), prior)[0]).toBeCloseTo(-Math.log(0.2), 12)
    expect(bound(prior, 4)).toBeLessThan(Infinity)
    expect(elbo(prior, hard)[0]).toBe(-Infinity)
    expect(expectedBound(Tabular.logProbabilities(prior), logWeights(prior, hard), 4)).toBe(-Infinity)
  })
})
