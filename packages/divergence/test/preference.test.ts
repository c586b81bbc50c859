/** Preference losses with their gradients, and the optimum they lead to: figures of the f-DPO card. */
import { describe, expect, it } from "vitest"
import {
  Divergence,
  type FDivergence,
  linksAt,
  optimum,
  preferenceLosses,
  type PreferenceOptions,
} from "../src/index.ts"

const { kl, reverseKl, jensenShannon, alpha, totalVariation, neymanChi2 } = Divergence

const preferenceLoss = (d: FDivergence, winner: number, loser: number, options: PreferenceOptions) =>
  preferenceLosses(d, Float64Array.of(winner), Float64Array.of(loser), options)[0]!
const linkAt = (d: FDivergence, logT: number) => {
  const { values, slopes, isClamped } = linksAt(d, Float64Array.of(logT))
  return { value: values[0], slope: slopes[0], isClamped: isClamped[0] }
}

/** Of the card; its js is twice ours, so its beta is half of ours. */
const members: ReadonlyArray<readonly [string, FDivergence, number]> = [
  ["reverse-kl", reverseKl, 1],
  ["forward-kl", kl, 1],
  ["js", jensenShannon, 2],
  ["alpha .3", alpha.make(0.3), 1],
  ["alpha .5", alpha.make(0.5), 1],
  ["alpha .7", alpha.make(0.7), 1],
]

const figures: ReadonlyArray<readonly [number, number, number]> = [
  [0.639658919, -0.04725277, 0.04725277],
  [0.644622827, -0.023594731, 0.070882489],
  [0.667980592, -0.016167784, 0.029171477],
  [0.641722676, -0.038390498, 0.053399959],
  [0.64281009, -0.03341541, 0.05791736],
  [0.643684178, -0.029078106, 0.062801912],
]

describe.each(members.map((member, i) => [...member, figures[i]!] as const))(
  "%s",
  (_, d, times, [value, won, lost]) => {
    const beta = 0.1 * times
    it("has the card's loss and gradient", () => {
      const { loss, byWinner, byLoser, clamped } = preferenceLoss(d, 0.7, -0.4, { beta })
      expect(loss).toBeCloseTo(value, 9)
      expect(byWinner).toBeCloseTo(won, 9)
      expect(byLoser).toBeCloseTo(lost, 9)
      expect(clamped).toBe(0)
    })
    it("is log 2 at the prior, with the gradient of DPO times the curvature", () => {
      const { loss, byWinner, byLoser, margin } = preferenceLoss(d, 0, 0, { beta })
      expect(loss).toBeCloseTo(Math.LN2, 12)
      expect(margin).toBe(0)
      expect(byWinner).toBeCloseTo((-beta / 2) * d.curvature, 12)
      expect(byLoser).toBeCloseTo((beta / 2) * d.curvature, 12)
    })
    it("has the gradient of differences, smoothed too", () => {
      const h = 1e-5
      const at = (w: number, l: number) => preferenceLoss(d, w, l, { beta, smoothing: 0.1 })
      const { byWinner, byLoser } = at(0.3, 0.9)
      expect(byWinner).toBeCloseTo((at(0.3 + h, 0.9).loss - at(0.3 - h, 0.9).loss) / (2 * h), 8)
      expect(byLoser).toBeCloseTo((at(0.3, 0.9 + h).loss - at(0.3, 0.9 - h).loss) / (2 * h), 8)
    })
  },
)

it("smoothing mixes the loss with that of the exchanged pair", () => {
  const plain = (w: number, l: number) => preferenceLoss(kl, w, l, { beta: 0.3 }).loss
  const { loss } = preferenceLoss(kl, 0.7, -0.4, { beta: 0.3, smoothing: 0.2 })
  expect(loss).toBeCloseTo(0.8 * plain(0.7, -0.4) + 0.2 * plain(-0.4, 0.7), 12)
})

it("a constant on both log-ratios changes nothing for reverse-kl, and for others does", () => {
  const at = (d: FDivergence, c: number) => preferenceLoss(d, 0.7 + c, -0.4 + c, { beta: 0.1 }).loss
  expect(at(reverseKl, 3)).toBeCloseTo(at(reverseKl, 0), 12)
  expect(Math.abs(at(kl, 3) - at(kl, 0))).toBeGreaterThan(0.01)
})

it("cuts a link off where a probability collapsed, and counts it", () => {
  const gone = preferenceLoss(kl, 0, -200, { beta: 0.1 })
  expect(gone).toMatchObject({ clamped: 1, loss: 0 })
  expect(gone.byLoser).toBeCloseTo(0, 15)
  const both = preferenceLoss(kl, -900, -800, { beta: 0.1 })
  expect(both).toMatchObject({ clamped: 2, margin: 0, loss: Math.LN2 })
  expect(both.byWinner).toBeCloseTo(0, 12)
  expect(linkAt(kl, -79).isClamped).toBe(false)
  expect(linkAt(reverseKl, -1e6)).toEqual({ value: -1e6, slope: 1, isClamped: false })
  expect(linkAt(alpha.make(0.5), -150).isClamped).toBe(false)
  expect(linkAt(alpha.make(0.5), -170).isClamped).toBe(true)
})

describe("the optimum of TINY5", () => {
  const logPrior = [0.4, 0.3, 0.15, 0.1, 0.05].map(Math.log)
  const reward = [0, 0.5, 1, 1.5, 2]
  it.each<[string, FDivergence, number, ReadonlyArray<number>, number]>([
    ["forward-kl", kl, 0.5, [0.09808291, 0.09746011, 0.072178456, 0.092748682, 0.639529841], 1.539091217],
    ["js", jensenShannon, 1, [0.007064274, 0.014852738, 0.02206396, 0.05350806, 0.902510968], 1.680386799],
    ["alpha .5", alpha.make(0.5), 0.5, [0.076068898, 0.093304682, 0.089704625, 0.158973307, 0.581948488], 1.293118163],
    ["reverse-kl", reverseKl, 0.5, [0.056638739, 0.115470041, 0.156940057, 0.28440487, 0.386546294], 0.977385683],
  ])("under %s", (_, d, beta, expected, multiplier) => {
    const { logPolicy, lambda } = optimum(d, logPrior, reward, beta)
    logPolicy.forEach((l, i) => expect(Math.exp(l)).toBeCloseTo(expected[i]!, 9))
    expect(lambda).toBeCloseTo(multiplier, 9)
  })
  it("under forward-kl lambda is E[r], its entropy the card's", () => {
    const { logPolicy, lambda } = optimum(kl, logPrior, reward, 0.5)
    const p = logPolicy.map(Math.exp)
    expect(p.reduce((sum, x, i) => sum + x * reward[i]!, 0)).toBeCloseTo(lambda, 9)
    expect(-p.reduce((sum, x) => sum + x * Math.log(x), 0)).toBeCloseTo(1.150817126, 9)
  })
  it("a constant on the reward moves lambda alone", () => {
    const moved = optimum(
      jensenShannon,
      logPrior,
      reward.map((r) => r + 7),
      1,
    )
    const still = optimum(jensenShannon, logPrior, reward, 1)
    expect(moved.lambda - still.lambda).toBeCloseTo(7, 9)
    moved.logPolicy.forEach((l, i) => expect(l).toBeCloseTo(still.logPolicy[i]!, 8))
  })
  it("leaves out what the prior never gives", () => {
    const { logPolicy } = optimum(kl, [Math.log(0.5), Math.log(0.5), -Infinity], [0, 1, 9], 0.5)
    expect(logPolicy[2]).toBe(-Infinity)
    expect(Math.exp(logPolicy[0]!) + Math.exp(logPolicy[1]!)).toBeCloseTo(1, 12)
  })
  it.each([totalVariation, neymanChi2])("is refused without full support: $name", (d) => {
    expect(() => optimum(d, logPrior, reward, 0.5)).toThrow("f*'(0) = -infinity")
  })
  it("is refused for a reward that isn't finite", () => {
    expect(() => optimum(kl, logPrior, [0, 0, 0, 0, Number.NaN], 0.5)).toThrow("reward is not a distribution")
  })
})
