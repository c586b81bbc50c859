/** Closed forms between Gaussians, against quadrature, known figures and each other. */
import { describe, expect, it } from "vitest"
import { betweenGaussians, Divergence, members, squaredWasserstein } from "../src/index.ts"

const normal = (mean: number, sd: number) => ({ mean: [mean], variance: [sd * sd] })
const closed = members.filter(({ spelling }) => {
  const name = typeof spelling === "string" ? spelling : Object.keys(spelling)[0]!
  return !["jensen-shannon", "total-variation", "softened-reverse-kl", "skewed-jensen-shannon"].includes(name)
})
const grid = Array.from({ length: 6001 }, (_, i) => -15 + i * 0.005)
const row = (mean: number, sd: number) => {
  const weights = grid.map((x) => Math.exp(-(((x - mean) / sd) ** 2) / 2))
  const total = weights.reduce((a, b) => a + b, 0)
  return weights.map((w) => w / total)
}

describe.each(closed.map((d) => [d.name, d] as const))("%s", (_, d) => {
  it("is the integral, where that is finite", () => {
    const [target, model] = [row(0.3, 1.1), row(-0.2, 1.2)]
    const exact = betweenGaussians(d, normal(0.3, 1.1), normal(-0.2, 1.2))
    expect(exact).toBeGreaterThan(0)
    expect(d.between(target, model) / exact).toBeCloseTo(1, 6)
  })
  it("says the same of a rotated pair", () => {
    const [c, s] = [Math.cos(0.7), Math.sin(0.7)]
    const turned = ([x, y]: readonly [number, number], [a, b]: readonly [number, number]) => ({
      mean: [c * x - s * y, s * x + c * y],
      covariance: [
        [c * c * a + s * s * b, c * s * (a - b)],
        [c * s * (a - b), s * s * a + c * c * b],
      ],
    })
    const straight = ([x, y]: readonly [number, number], [a, b]: readonly [number, number]) => ({
      mean: [x, y],
      variance: [a, b],
    })
    const value = betweenGaussians(d, straight([0.3, 1], [1.2, 0.9]), straight([0, 0.6], [1, 1.1]))
    expect(betweenGaussians(d, turned([0.3, 1], [1.2, 0.9]), turned([0, 0.6], [1, 1.1]))).toBeCloseTo(value, 10)
    expect(betweenGaussians(d, turned([0.3, 1], [1.2, 0.9]), straight([0, 0.6], [1, 1.1]))).toBeGreaterThan(0)
  })
})

describe("families meet their neighbours", () => {
  const pairs = [
    [normal(0.3, 1.1), normal(-0.2, 1.2)],
    [
      {
        mean: [0.3, 1],
        covariance: [
          [1.2, 0.3],
          [0.3, 0.9],
        ],
      },
      {
        mean: [0, 0.6],
        covariance: [
          [1, 0.1],
          [0.1, 1.1],
        ],
      },
    ],
  ] as const
  it.each(pairs)("%j and %j", (target, model) => {
    const [kl, reverse] = [Divergence.kl, Divergence.reverseKl].map((d) => betweenGaussians(d, target, model))
    for (const step of [1e-3, 1e-6, 1e-9, 1e-12, 1e-15])
      for (const s of [step, -step]) {
        const near = (d: Divergence, end: number) =>
          expect(Math.abs(betweenGaussians(d, target, model) - end)).toBeLessThan(step + 1e-15)
        near(Divergence.alpha.make(1 + s), kl!)
        near(Divergence.alpha.make(s), reverse!)
        near(Divergence.renyi.make(1 + s), kl!)
      }
  })
})

describe("known figures", () => {
  it("Cauchy–Schwarz", () => {
    expect(betweenGaussians(Divergence.cauchySchwarz, normal(0, 1), normal(1, 1))).toBeCloseTo(0.5, 12)
    expect(betweenGaussians(Divergence.cauchySchwarz, normal(0, 1), normal(1, 2))).toBeCloseTo(0.42314355, 8)
  })
  it("f-distill's pair", () => {
    const [p, q] = [normal(0, 1.4), normal(1, 1.2)]
    expect(betweenGaussians(Divergence.reverseKl, p, q)).toBeCloseTo(0.27659966, 8)
    expect(betweenGaussians(Divergence.kl, p, q)).toBeCloseTo(0.3736271, 8)
    expect(betweenGaussians(Divergence.jeffreys, p, q)).toBeCloseTo(0.65022676, 8)
    expect(betweenGaussians(Divergence.squaredHellinger, p, q)).toBeCloseTo(0.0763727, 8)
  })
  it("2-Wasserstein", () => {
    const a = { mean: [1, 0], variance: [1, 4] }
    const b = {
      mean: [0, 0],
      covariance: [
        [2, 0.5],
        [0.5, 1],
      ],
    }
    expect(squaredWasserstein(a, b)).toBeCloseTo(2.27943377, 8)
    expect(squaredWasserstein(normal(0, 1), normal(3, 2))).toBeCloseTo(10, 12)
    const flat = {
      mean: [0, 0],
      covariance: [
        [4, 0],
        [0, 0],
      ],
    }
    const along = { mean: [1, 3], variance: [1, 0] }
    expect(() => squaredWasserstein(flat, along)).toThrow("not positive definite")
    expect(squaredWasserstein(flat, along, { singular: true })).toBeCloseTo(1 + 9 + 1, 12)
    const saddle = {
      mean: [0, 0],
      covariance: [
        [1, 2],
        [2, 1],
      ],
    }
    expect(() => squaredWasserstein(saddle, flat, { singular: true })).toThrow("a direction of negative variance")
  })
  it("is infinite where the integral is", () => {
    expect(betweenGaussians(Divergence.pearsonChi2, normal(0, 2), normal(0, 1))).toBe(Infinity)
    expect(betweenGaussians(Divergence.renyi.make(3), normal(0, 2), normal(0, 1))).toBe(Infinity)
  })
})

describe("bad input", () => {
  it.each([
    [{ mean: [0], variance: [0] }, "a variance is not above 0"],
    [{ mean: [0, 0], variance: [1] }, "its mean has 2 entries, its covariance another shape"],
    [
      {
        mean: [0, 0],
        covariance: [
          [1, 2],
          [2, 1],
        ],
      },
      "its covariance is not positive definite",
    ],
    [
      {
        mean: [0, 0],
        covariance: [
          [1, 0.5],
          [0, 1],
        ],
      },
      "its covariance is not symmetric",
    ],
    // of rank two, which Cholesky's factor doesn't see
    [
      {
        mean: [0, 0, 0],
        covariance: [
          [61 / 7, 93 / 7, 86 / 7],
          [93 / 7, 145 / 7, 138 / 7],
          [86 / 7, 138 / 7, 136 / 7],
        ],
      },
      "its covariance is singular",
    ],
    [{ mean: [Number.NaN], variance: [1] }, "entries that are not finite"],
    [{ mean: [], variance: [] }, "its mean has no entries"],
  ])("%j", (bad, words) => {
    expect(() => betweenGaussians(Divergence.kl, bad, bad)).toThrow(words)
  })
  it("of two dimensions", () => {
    expect(() => betweenGaussians(Divergence.kl, normal(0, 1), { mean: [0, 0], variance: [1, 1] })).toThrow(
      "model is not a Gaussian: its dimension is 2, the target's 1",
    )
  })
  it("without closed form", () => {
    expect(() => betweenGaussians(Divergence.jensenShannon, normal(0, 1), normal(1, 1))).toThrow(
      "no closed form of 'jensen-shannon'",
    )
  })
})
