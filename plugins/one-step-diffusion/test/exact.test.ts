/** Figures of the reference card, and what must hold for every divergence. */
import { Divergence, families, float64, FDivergence, members, Property } from "@relent/divergence"
import { describe, expect, it } from "vitest"
import { logDensityAt } from "../src/affine.ts"
import { gradientOf, weightsOf } from "../src/exact/gradient.ts"
import { divergenceOf, nodesOf } from "../src/exact/quadrature.ts"
import { atNoise, denoise, densityAndScore, makeMixture, MixtureInvalid } from "../src/gaussian-mixture.ts"

const { kl, reverseKl, jensenShannon, squaredHellinger, softenedReverseKl, jeffreys } = Divergence

describe("a Gaussian mixture", () => {
  const mixture = makeMixture([0.3, 0.7], [-2, 2], [0.5, 0.5])
  it("has the density, denoiser and score of the card at sigma 0.3", () => {
    const x = Float64Array.of(0.5)
    const { logDensity, score } = densityAndScore(atNoise(mixture, 0.3), x)
    expect(logDensity[0]).toBeCloseTo(-4.04383794, 8)
    expect(score[0]).toBeCloseTo(4.39772325, 8)
    expect(denoise(mixture, 0.3, x)[0]).toBeCloseTo(0.89579509, 8)
  })
  it("has a score that is the slope of its density, far out too", () => {
    for (const x of [-60, -2.3, 0, 0.1, 5, 60]) {
      const h = 1e-5
      const { logDensity } = densityAndScore(mixture, Float64Array.of(x - h, x + h))
      const { score } = densityAndScore(mixture, Float64Array.of(x))
      expect((logDensity[1]! - logDensity[0]!) / (2 * h)).toBeCloseTo(score[0]!, 4)
    }
  })
  it.each([
    [[], [], [], "at least one component"],
    [[0.5, 0.5], [0], [1, 1], "2 weights, 1 means and 2 deviations"],
    [[0.5, 0.6], [0, 1], [1, 1], "sum to 1, not 1.1"],
    [[1.5, -0.5], [0, 1], [1, 1], "above 0"],
    [[1], [Number.NaN], [1], "a mean isn't finite"],
    [[1], [0], [0], "deviations are finite and above 0"],
  ])("is not %j, %j, %j", (weights, means, deviations, reason) => {
    const make = () => makeMixture(weights, means, deviations)
    expect(make).toThrow(MixtureInvalid)
    expect(make).toThrow(reason)
  })
})

describe("the gradient of D(N(0, 1.4^2) || N(1, 1.2^2))", () => {
  const teacher = makeMixture([1], [0], [1.4])
  const student = { mean: 1, deviation: 1.2 }
  const nodes = nodesOf(teacher, student)!
  const at = (divergence: FDivergence) => {
    const { mean, logDeviation } = gradientOf({ divergence }, teacher, student, nodes.z, nodes.logMass)
    return [divergenceOf(divergence, teacher, nodes), mean, logDeviation / student.deviation]
  }

  it.each<[string, FDivergence, number, ReadonlyArray<number>]>([
    ["rkl", reverseKl, 1, [0.27659966, 0.51020408, -0.22108844]],
    ["sf", softenedReverseKl, 1, [0.13112894, 0.2588479, -0.04262923]],
    ["js, twice ours", jensenShannon, 2, [0.14547072, 0.25135618, -0.17845921]],
    ["sh", squaredHellinger, 1, [0.0763727, 0.13582754, -0.10679774]],
    ["kl", kl, 1, [0.3736271, 0.69444444, -0.87962963]],
    ["jf, rkl + kl", jeffreys, 1, [0.65022676, 1.20464853, -1.10071807]], // -1.10071806|5: the card rounds the other way
  ])("is the card's for %s", (_, divergence, times, figures) => {
    at(divergence).forEach((v, i) => expect(times * v).toBeCloseTo(figures[i]!, 8))
  })

  // The theorem against the plain derivative, sum over x of f*'(q/p) dq/dtheta: same number, no score of the teacher in it.
  const smooth = members.filter((d): d is FDivergence => d instanceof FDivergence && Property.smooth.holds(d))
  it.each(smooth.map((d) => [d.name, d] as const))("is the derivative of the integral for %s", (_, divergence) => {
    const { x, z, logMass } = nodes
    const logTarget = densityAndScore(teacher, x).logDensity.map((l) => l + Math.log(nodes.spacing))
    const byModel = divergence.logForm(logTarget, logMass, float64).byModel() as Float64Array
    const sum = (slope: (z: number) => number) => byModel.reduce((total, g, i) => total + g * slope(z[i]!), 0)
    const [, mean, deviation] = at(divergence)
    expect(mean).toBeCloseTo(sum((v) => v) / student.deviation, 8)
    expect(deviation).toBeCloseTo(sum((v) => v * v - 1) / student.deviation, 8)
  })

  it("is 0 where both are equal, for every divergence", () => {
    const same = { mean: 0, deviation: 1.4 }
    const { z, logMass } = nodesOf(teacher, same)!
    for (const divergence of smooth) {
      const { mean, logDeviation } = gradientOf({ divergence }, teacher, same, z, logMass)
      expect([mean, logDeviation]).toEqual([expect.closeTo(0, 12), expect.closeTo(0, 12)])
    }
  })

  it("doesn't change its direction with a constant in f: alpha at 1/2 is four times squared-hellinger", () => {
    const [alpha] = families.filter(({ name }) => name === "alpha").map((family) => family.make(0.5))
    const direction = (divergence: FDivergence) => {
      const { mean, logDeviation, weight } = gradientOf({ divergence }, teacher, student, nodes.z, nodes.logMass)
      return [mean / weight, logDeviation / weight]
    }
    direction(alpha as FDivergence).forEach((v, i) => expect(v).toBeCloseTo(direction(squaredHellinger)[i]!, 12))
  })
})

describe("weights", () => {
  it("see the ratio between its bounds alone", () => {
    const logRatio = Float64Array.of(-10, 0, 10)
    const none = new Float64Array(3)
    expect([...weightsOf({ divergence: kl, clip: { lower: 0.1, upper: 20 } }, logRatio, none)]).toEqual([
      expect.closeTo(0.1, 12),
      1,
      expect.closeTo(20, 12),
    ])
    expect(weightsOf({ divergence: kl }, logRatio, none)[2]).toBeCloseTo(Math.exp(10), 6)
  })
  it("are finite in quadrature where the ratio overflows", () => {
    const teacher = makeMixture([0.3, 0.7], [-2, 2], [0.5, 0.5])
    const student = { mean: 2, deviation: 0.05 } // r = e^3200 at the other mode
    const { z, logMass } = nodesOf(teacher, student)!
    const { weight } = gradientOf({ divergence: kl }, teacher, student, z, logMass)
    expect(weight).toBeCloseTo(1, 10) // E_q r
    expect(logDensityAt(student, z).every(Number.isFinite)).toBe(true)
  })
})
