/** The common test body: a divergence is tested by standing in the index. */
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { FDivergence, members, onLogits, singles } from "../src/index.ts"
import { close, full, withZeros } from "./distributions.ts"
import { holdsAlways, laws } from "./laws.ts"
import { differences } from "./differences.ts"

/** D of target (0.9, 0.1) and model (0.5, 0.5), from the definitions, in Python. */
const pinned: Record<string, number> = {
  kl: 0.368064207168,
  "reverse-kl": 0.510825623766,
  "jensen-shannon": 0.101749225079,
  "squared-hellinger": 0.105572809,
  "total-variation": 0.4,
  "pearson-chi2": 0.64,
  "neyman-chi2": 1.777777777778,
  jeffreys: 0.878889830934,
  "softened-reverse-kl": 0.307327173608,
  "cauchy-schwarz": 0.494696241836,
  "alpha -1": 0.888888888889,
  "alpha 0": 0.510825623766,
  "alpha 0.3": 0.452684173226,
  "alpha 0.5": 0.422291236,
  "alpha 1": 0.368064207168,
  "alpha 2": 0.32,
  "skewed-jensen-shannon 0": 0.368064207168,
  "skewed-jensen-shannon 0.1": 0.373366651281,
  "skewed-jensen-shannon 0.5": 0.406996900317,
  "skewed-jensen-shannon 0.8": 0.454360449906,
  "skewed-jensen-shannon 1": 0.510825623766,
  "renyi 0.3": 0.142700997708,
  "renyi 0.5": 0.223143551314,
  "renyi 1": 0.368064207168,
  "renyi 2": 0.494696241836,
  "renyi 5": 0.561450769724,
}

describe.each(members.map((d) => [d.name, d] as const))("%s", (name, d) => {
  it("has its direction pinned", () => {
    expect(d.between([0.9, 0.1], [0.5, 0.5])).toBeCloseTo(pinned[name]!, 11)
  })
  it("is 0 on equal distributions, and never below", () => {
    fc.assert(
      fc.property(full(2), ([p, q]) => d.between(p!, p!) < 1e-12 && d.between(p!, q!) >= 0),
      { numRuns: 60 },
    )
    expect(d.between([0.7, 0.3, 0], [0.7, 0.3, 0])).toBeLessThan(1e-12)
  })
  const declared = Object.entries(laws).filter(([law]) => d.laws[law as keyof typeof laws] !== undefined)
  it.each(declared)("keeps its word: %s", (name, law) => {
    const isDenied = d.laws[name as keyof typeof laws] === false
    const broken = isDenied ? law.examples.some((rows) => !law.holds(d, rows)) : !holdsAlways(d, law)
    expect(broken).toBe(isDenied)
  })
  it("says the same of logits as of probabilities, at any temperature", () => {
    fc.assert(
      fc.property(full(2), fc.constantFrom(0.5, 1, 4), ([p, q], temperature) => {
        const logits = (row: ReadonlyArray<number>) => row.map((x) => temperature * Math.log(x) + 3)
        return close(onLogits(d, logits(p!), logits(q!), temperature).value, d.between(p!, q!), 1e-8)
      }),
      { numRuns: 40 },
    )
  })
  it("has the gradient that differences show, by both rows of logits", () => {
    const [target, model] = [
      [1, 0.5, -0.5, 0],
      [0.2, -0.3, 0.8, 0.1],
    ]
    for (const temperature of [1, 2.5]) {
      const { gradient } = onLogits(d, target, model, temperature)
      const byTarget = differences(target, (z) => onLogits(d, z, model, temperature).value)
      const byModel = differences(model, (z) => onLogits(d, target, z, temperature).value)
      expect(Math.max(...byTarget.map((g, i) => Math.abs(g - gradient.target[i]!)))).toBeLessThan(1e-8)
      expect(Math.max(...byModel.map((g, i) => Math.abs(g - gradient.model[i]!)))).toBeLessThan(1e-8)
    }
  })
  it("never gives NaN on logits 2,000 apart", () => {
    const { value, gradient } = onLogits(d, [2000, 0, -1000], [0, 2000, -1000])
    expect(value).toBeGreaterThan(0)
    const finite = [...gradient.target, ...gradient.model].every(Number.isFinite)
    expect(finite || value === Infinity).toBe(true)
  })
  it("names its origin", () => {
    expect(d.origin).toMatchObject({ kind: "divergence", version: 1 })
    expect(d.origin.module).toMatch(/\/src\/.*\.ts$/)
  })
})

it("never takes a small overlap for none", () => {
  const [p, q] = [
    [1, 1e-200, 0],
    [0, 1e-200, 1],
  ]
  const find = (name: string) => members.find((d) => d.name === name)!
  expect(find("cauchy-schwarz").between(p, q)).toBeCloseTo(800 * Math.log(10), 9)
  expect(find("renyi 0.5").between(p, q)).toBeCloseTo(400 * Math.log(10), 9)
})

it("pins every member", () => {
  expect(Object.keys(pinned).toSorted()).toEqual(members.map(({ name }) => name).toSorted())
})

describe("zeros count as the definition says", () => {
  const fs = members.filter((d) => d instanceof FDivergence)
  it.each(fs.map((d) => [d.name, d] as const))("%s", (_, d) => {
    expect(d.between([1, 0], [0.5, 0.5])).toBeCloseTo(0.5 * d.f(2) + 0.5 * d.atZero, 12)
    expect(d.between([0.5, 0.5], [1, 0])).toBeCloseTo(d.f(0.5) + 0.5 * d.slopeAtInfinity, 12)
    expect(d.between([1, 0], [0, 1])).toBeCloseTo(d.bound, 12)
    expect(d.between([0.5, 0.5, 0], [0.5, 0.5, 0])).toBe(0)
    fc.assert(
      fc.property(withZeros(2), ([p, q]) =>
        close(d.betweenLogs(p!.map(Math.log), q!.map(Math.log)), d.between(p!, q!), 1e-9),
      ),
      { numRuns: 40 },
    )
  })
  it("and what no probability can hold counts in logarithms", () => {
    const [kl, reverse] = fs.filter(({ name }) => name === "kl" || name === "reverse-kl")
    const [half, far] = [
      [-Math.LN2, -Math.LN2],
      [0, -2000],
    ]
    expect(kl!.betweenLogs(half, far)).toBe(1000 - Math.LN2)
    expect(reverse!.betweenLogs(far, half)).toBe(1000 - Math.LN2)
    expect(() => kl!.betweenLogs([0, -1], half)).toThrow("target is not a distribution: its log-probabilities sum")
    expect(() => kl!.betweenLogs(half, [0])).toThrow("it has 1 entries, the target 2")
    expect(() => kl!.betweenLogs(half, [Number.NaN, 0])).toThrow("sum to exp(NaN)")
  })
  it("agrees with the definition written out", () => {
    const x = (p: number, q: number) => (p === 0 ? 0 : p * Math.log(p / q))
    fc.assert(
      fc.property(withZeros(2), ([p, q]) => {
        const byHand = p!.reduce((total, pi, i) => total + x(pi, q![i]!), 0)
        return close(singles.find(({ name }) => name === "kl")!.between(p!, q!), Math.max(0, byHand))
      }),
    )
  })
})

it.each([
  [[0.5, 0.6], [0.5, 0.5], "target is not a distribution: its entries sum to 1.1"],
  [[0.5, 0.5], [1.5, -0.5], "model is not a distribution: entry 0 is 1.5"],
  [[0.5, 0.5], [Number.NaN, 1], "entry 0 is NaN"],
  [[0.5, 0.5], [0.5, 0.25, 0.25], "it has 3 entries, the target 2"],
  [[], [], "it has no entries"],
])("refuses %j and %j", (p, q, message) => {
  for (const d of members) expect(() => d.between(p, q)).toThrow(message)
})

it.each<[ReadonlyArray<number>, ReadonlyArray<number>, number, string]>([
  [[0, 1], [0, Number.NaN], 1, "model is not a distribution: logit 1 is NaN"],
  [[0, -Infinity], [0, 1], 1, "target is not a distribution: logit 1 is -Infinity"],
  [[0, 1], [0, 1, 2], 1, "model is not a distribution: it has 3 logits, the target 2"],
  [[], [], 1, "it has no logits"],
  [[0, 1], [0, 1], 0, "its temperature is 0; a temperature is above 0"],
])("refuses the logits %j and %j at temperature %d", (target, model, temperature, message) => {
  expect(() => onLogits(members[0]!, target, model, temperature)).toThrow(message)
})
