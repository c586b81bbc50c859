/** What is derived from a generator, against definitions, differences, and each other. */
import { describe, expect, it } from "vitest"
import { families, FDivergence, float64, members, onLogits } from "../src/index.ts"
import { close } from "./distributions.ts"

const fs = members.filter((d) => d instanceof FDivergence)
const ratios = [-12, -3, -1, -0.1, 0.1, 1, 3, 12]
const isKinked = (d: FDivergence) => d.name === "total-variation"

describe.each(fs.map((d) => [d.name, d] as const))("%s", (_, d) => {
  it("is normalised: f(1) = f'(1) = 0", () => {
    expect(d.f(1)).toBeCloseTo(0, 12)
    expect(d.slope(1)).toBeCloseTo(0, 12)
  })
  it("reads the same in normal form as in plain float64", () => {
    for (const l of ratios)
      expect(close(d.f(Math.exp(l)), d.generator<number | Float64Array>(Math.exp(l), float64) as number, 1e-7)).toBe(
        true,
      )
  })
  it("has the derivatives that differences show", () => {
    const h = 1e-5
    for (const l of ratios.filter((l) => Math.abs(l) <= 3)) {
      const u = Math.exp(l)
      expect(close(d.slope(u), (d.f(u + h * u) - d.f(u - h * u)) / (2 * h * u), 1e-7)).toBe(true)
      const second = (d.slope(u + h * u) - d.slope(u - h * u)) / (2 * h * u)
      expect(close(d.scoreWeight(l), u * u * second, 1e-6)).toBe(true)
    }
    const atOne = isKinked(d) ? 0 : (d.slope(1 + h) - d.slope(1 - h)) / (2 * h)
    expect(d.curvature).toBeCloseTo(atOne, 6)
  })
  it("has score weights by the row", () => {
    if (isKinked(d)) return
    const [logTarget, logModel] = [Float64Array.of(-3, -1, 0, -2), Float64Array.of(-1, -1, -4, -2.5)]
    d.scoreWeights(logTarget, logModel).forEach((w, i) => {
      expect(close(w, Math.exp(logModel[i]!) * d.scoreWeight(logTarget[i]! - logModel[i]!))).toBe(true)
    })
  })
  it("has the limits that far ratios show", () => {
    const far = (limit: number, at: number) => (Number.isFinite(limit) ? close(limit, at, 1e-4) : Math.abs(at) > 30)
    expect(far(d.atZero, d.f(1e-150))).toBe(true)
    expect(far(d.slopeAtInfinity, d.slope(1e150))).toBe(true)
    expect(far(d.slopeAtZero, d.slope(1e-150))).toBe(true)
    expect(far(d.linkAtZero, d.link(-345))).toBe(true)
    expect(far(d.linkAtInfinity, d.link(345))).toBe(true)
  })
  it("has a dual with exchanged arguments", () => {
    const dual = d.dual()
    const [p, q] = [
      [0.7, 0.2, 0.1],
      [0.3, 0.3, 0.4],
    ]
    expect(dual.between(p, q)).toBeCloseTo(d.between(q, p), 12)
    expect(dual.dual().between(p, q)).toBeCloseTo(d.between(p, q), 12)
    expect(dual.atZero).toBe(d.slopeAtInfinity)
    for (const l of ratios) expect(close(dual.slope(Math.exp(l)), d.link(l))).toBe(true)
  })
  it("has a rising link and its inverse", () => {
    if (isKinked(d)) return
    for (const l of ratios.filter((l) => Math.abs(l) <= 3)) {
      expect(close(d.inverseLink(d.link(l)), l, 1e-6)).toBe(true)
      expect(d.link(l)).toBeLessThan(d.link(l + 0.1))
      expect(d.pseudoReward(l)).toBe(-d.link(l))
    }
    expect(d.inverseLink(d.linkAtInfinity + 1)).toBe(Infinity)
    expect(d.inverseLink(d.linkAtZero - 1)).toBe(-Infinity)
  })
  it("has the conjugate: equality at v = f'(u), more elsewhere, infinity beyond f'(infinity)", () => {
    for (const l of ratios.filter((l) => Math.abs(l) <= 3)) {
      const u = Math.exp(l)
      const v = d.slope(u)
      expect(close(d.conjugate(v), u * v - d.f(u), 1e-8)).toBe(true)
      for (const other of [0.1, 1, 7]) expect(d.conjugate(v)).toBeGreaterThanOrEqual(other * v - d.f(other) - 1e-9)
    }
    for (const beyond of [d.slopeAtInfinity + 0.01].filter(Number.isFinite)) expect(d.conjugate(beyond)).toBe(Infinity)
    expect(d.conjugate(0)).toBeCloseTo(0, 12)
  })
  it("is exact at ratios that no float holds", () => {
    for (const l of [-5000, 5000]) {
      expect(d.link(l)).not.toBeNaN()
      expect(d.scoreWeight(l)).not.toBeNaN()
    }
    expect(close(d.link(-45), d.dual().slope(Math.exp(-45)), 1e-12)).toBe(true)
  })
})

describe("families meet their neighbours", () => {
  const [p, q] = [
    [0.7, 0.2, 0.1],
    [0.3, 0.3, 0.4],
  ]
  const at = (family: string, parameter: number) =>
    families
      .find(({ name }) => name === family)!
      .make(parameter)
      .between(p, q)
  const single = (name: string) => members.find((d) => d.name === name)!.between(p, q)
  it.each([
    ["alpha", 1, "kl"],
    ["alpha", 0, "reverse-kl"],
    ["skewed-jensen-shannon", 0, "kl"],
    ["skewed-jensen-shannon", 1, "reverse-kl"],
    ["renyi", 1, "kl"],
  ])("%s at %d is %s, and continuous there", (family, end, name) => {
    expect(at(family, end)).toBeCloseTo(single(name), 14)
    for (const step of [1e-3, 1e-6, 1e-9, 1e-12])
      for (const parameter of [end - step, end + step]) {
        if (family === "skewed-jensen-shannon" && (parameter < 0 || parameter > 1)) continue
        expect(Math.abs(at(family, parameter) - at(family, end))).toBeLessThan(2 * step + 1e-14)
      }
  })
  it("and their relatives", () => {
    expect(at("alpha", 0.5)).toBeCloseTo(4 * single("squared-hellinger"), 12)
    expect(at("alpha", 2)).toBeCloseTo(single("pearson-chi2") / 2, 12)
    expect(at("alpha", -1)).toBeCloseTo(single("neyman-chi2") / 2, 12)
    expect(at("skewed-jensen-shannon", 0.5)).toBeCloseTo(4 * single("jensen-shannon"), 12)
    expect(at("renyi", 2)).toBeCloseTo(Math.log1p(single("pearson-chi2")), 12)
    expect(at("renyi", 0.5)).toBeCloseTo(-2 * Math.log1p(-single("squared-hellinger")), 12)
  })
  it("renyi tends to the largest log-ratio, and to -log of the shared mass", () => {
    expect(at("renyi", 1e6)).toBeCloseTo(Math.log(0.7 / 0.3), 5)
    const renyi = families.find(({ name }) => name === "renyi")!
    expect(renyi.make(1e-9).between([1, 0], [0.3, 0.7])).toBeCloseTo(-Math.log(0.3), 6)
    expect(renyi.make(0.995).between([1, 0], [0.3, 0.7])).toBeCloseTo(-Math.log(0.3), 12)
    // far apart, also near 1: log u is 10,010 where the target has its mass
    for (const order of [0.98, 0.995, 0.999999, 1.000001, 1.005, 1.02]) {
      const { value, gradient } = onLogits(renyi.make(order), [0, 1e4, -1], [0, -1e4, 10])
      expect(value).toBeCloseTo(10_010 + Math.log1p(Math.exp(-10)), 6)
      expect([...gradient.target, ...gradient.model].every(Number.isFinite)).toBe(true)
    }
    expect(renyi.make(1).between([0.3, 0.7], [1, 0])).toBe(Infinity)
    expect(renyi.make(0.995).between([0.3, 0.7], [1, 0])).toBeCloseTo(Math.log(0.3) * (0.995 / -0.005), 6)
  })
  it.each([
    ["alpha", Number.NaN],
    ["skewed-jensen-shannon", 1.1],
    ["renyi", 0],
  ])("%s refuses %d", (family, parameter) => {
    expect(() => at(family, parameter)).toThrow(`'${family}' wants a`)
  })
})
