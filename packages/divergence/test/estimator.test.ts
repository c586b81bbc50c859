/** Estimators by enumeration over TINY5: a uniform model against the target (.4, .3, .15, .1, .05). */
import { describe, expect, expectTypeOf, it } from "vitest"
import {
  Divergence,
  estimators,
  type Estimator,
  fromSamples,
  FDivergence,
  k1,
  k2,
  k3,
  members,
  onLogits,
  sampleFacts,
} from "../src/index.ts"
import { evaluate } from "../src/limit.ts"

const target = [0.4, 0.3, 0.15, 0.1, 0.05]
const logT = target.map((p) => Math.log(0.2 / p))
const mean = (values: ReadonlyArray<number>) => values.reduce((sum, v) => sum + v, 0) / values.length
const exact = Divergence.reverseKl.between(target, [0.2, 0.2, 0.2, 0.2, 0.2])

describe.each(Object.entries(estimators))("%s", (_, k) => {
  const penalties = logT.map(k.penalty)
  it("has the mean that its fact says", () => {
    expect(Math.abs(mean(penalties) - exact) < 1e-12).toBe(k.value === "unbiased")
  })
  it("has the mean gradient that its fact says", () => {
    const slopes = logT.map(k.slope)
    // E[slope * grad log model], grad by logit j of log softmax at class i: [i = j] - 1/5
    const gradient = slopes.map((s) => (s - mean(slopes)) / 5)
    const of = { "reverse-kl": Divergence.reverseKl, kl: Divergence.kl, nothing: undefined }[k.descends]
    const expected = of ? [...onLogits(of, target.map(Math.log), [0, 0, 0, 0, 0]).gradient.model] : [0, 0, 0, 0, 0]
    gradient.forEach((g, i) => expect(g).toBeCloseTo(expected[i]!, 12))
    expect(k.gradient).toBe(k.descends === "reverse-kl" ? "unbiased" : "biased")
  })
})

it("carries its facts in its type", () => {
  expectTypeOf(k1).toEqualTypeOf<Estimator<"unbiased", "biased">>()
  expectTypeOf(k2).toEqualTypeOf<Estimator<"biased", "unbiased">>()
})

it("has the known figures", () => {
  const variance = (values: ReadonlyArray<number>) => mean(values.map((v) => (v - mean(values)) ** 2))
  expect(mean(logT.map(k1.penalty))).toBeCloseTo(0.253702265, 9)
  expect(variance(logT.map(k1.penalty))).toBeCloseTo(0.561611363, 9)
  expect(mean(logT.map(k2.penalty))).toBeCloseTo(0.312988101, 9)
  expect(variance(logT.map(k3.penalty))).toBeCloseTo(0.044973518, 9)
})

const fs = members.filter((d) => d instanceof FDivergence)
it.each(fs.map((d) => [d.name, d] as const))("%s from samples of either side", (_, d) => {
  const counts = [8, 6, 3, 2, 1] // twenty samples of the target, exactly in proportion
  const logU = logT.map((l) => -l)
  const value = d.between(target, [0.2, 0.2, 0.2, 0.2, 0.2])
  expect(fromSamples(d, "model", logU).value).toBeCloseTo(value, 12)
  const ofTarget = counts.flatMap((n, i) => Array.from({ length: n }, () => logU[i]!))
  expect(fromSamples(d, "target", ofTarget).value).toBeCloseTo(value, 12)
  expect(fromSamples(d, "model", logU).standardError).toBeGreaterThan(0)
})

it.each(fs.map((d) => [d.name, d] as const))("%s: the mean gradient of its terms is as the facts say", (_, d) => {
  const exactly = [...onLogits(d, target.map(Math.log), [0, 0, 0, 0, 0]).gradient.model]
  const { derived } = d
  for (const [samplesOf, probabilities, slope] of [
    ["model", [0.2, 0.2, 0.2, 0.2, 0.2], derived.byTarget],
    ["target", target, derived.perTargetSlope],
  ] as const) {
    // log u falls as log model rises
    const parts = probabilities.map((p, i) => -p * evaluate(slope, -logT[i]!))
    const gradient = parts.map((g) => g - 0.2 * parts.reduce((sum, v) => sum + v, 0))
    const off = Math.max(...gradient.map((g, i) => Math.abs(g - exactly[i]!)))
    expect(off < 1e-12).toBe(sampleFacts[samplesOf].gradient === "unbiased")
  }
})

it("of nothing is refused", () => {
  expect(() => fromSamples(Divergence.kl, "model", [])).toThrow("there is no estimate: there are no samples")
  expect(() => fromSamples(Divergence.kl, "model", [0, Number.NaN])).toThrow("the log-ratio of sample 1 is NaN")
})
