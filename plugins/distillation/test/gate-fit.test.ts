/** Converged values of the card, computed there by gradient descent in another language. */
import { describe, expect, it } from "vitest"
import { fitGaussian, gateFit, grid, teachers } from "../src/gate-fit.ts"
import { type Gate, gateOf } from "../src/loss/gate.ts"
import { failure, run } from "./run.ts"

const gates = ["forward", "reverse", "none", "entropy", "inverted"] as const
const table = {
  bimodal: [3.1503, 0.1696, 0.0965, 0.1199, 0.1107, 0.1316],
  skewed: [2.9108, 0.3798, -0.6914, 0.2636, 0.246, 0.2863],
  "heavy-tailed": [2.5533, 0.1485, -0.1624, 0.0551, 0.0088, 0.0917],
} as const

describe.each(Object.entries(table))("a Gaussian fitted to the %s teacher", (teacher, [teacherEntropy, ...gaps]) => {
  it("ends at the entropy of the card under every gate", async () => {
    for (const [i, gate] of gates.entries()) {
      const { fits } = await run(gateFit, {}, { teacher, gate })
      const [fit] = [...fits.rows]
      expect(Math.abs(fit.teacherEntropy - teacherEntropy)).toBeLessThan(1e-4)
      expect(Math.abs(fit.gap - gaps[i]!)).toBeLessThan(1e-3)
      expect(fit.distance).toBe(Math.abs(fit.gap))
      expect(fit.slope).toBeLessThan(1e-9)
    }
  })
})

describe("the exact fit", () => {
  const logits = (density: (x: number) => number) => grid.map((x) => Math.log(density(x)))
  const options = { gate: "entropy", heavyWeight: 2, lightWeight: 1, normaliseWeights: false } as const
  it("doesn't hang on its rate", () => {
    const teacher = logits(teachers["heavy-tailed"])
    const [fast, slow] = [0.05, 0.01].map((learningRate) =>
      fitGaussian(teacher, gateOf(options), { learningRate, steps: 20_000 }),
    )
    expect(fast!.gap).toBeCloseTo(slow!.gap, 8)
  })
  it("finds a Gaussian teacher, under every gate", () => {
    const teacher = logits((x) => Math.exp(-((x - 0.3) ** 2) / (2 * 0.8 ** 2)))
    for (const gate of gates) {
      const fit = fitGaussian(teacher, gateOf({ ...options, gate }), { learningRate: 0.05, steps: 20_000 })
      expect(fit.mean).toBeCloseTo(0.3, 6)
      expect(fit.deviation).toBeCloseTo(0.8, 6)
      expect(fit.gap).toBeCloseTo(0, 6)
    }
  })
  it("weighs by the side on which it is", () => {
    const teacher = logits(teachers.skewed)
    const [lean, turned, large] = [
      [1, 2],
      [2, 1],
      [9, 9],
    ] as const
    const end = (gate: Gate) => fitGaussian(teacher, gate, { learningRate: 0.05, steps: 4000 }).gap
    // It ends at d > 0: what would hold for d < 0 doesn't matter there.
    expect(end([large, lean])).toBeCloseTo(end([lean, lean]), 8)
    expect(end([lean, turned])).not.toBeCloseTo(end([lean, lean]), 2)
  })
  it("is held at equal entropies where the gate would overshoot either way", async () => {
    const { fits } = await run(gateFit, {}, { teacher: "heavy-tailed", heavyWeight: 2, lightWeight: 0 })
    const [fit] = [...fits.rows]
    expect(fit.distance).toBeLessThan(5e-3)
    expect(fit.slope).toBeGreaterThan(1e-3)
  })
  it("refuses what can't be meant", async () => {
    expect(await failure(gateFit, {}, { heavyWeight: 1, lightWeight: 2 })).toMatch(
      /at most heavyWeight.*"lightWeight"/s,
    )
    expect(await failure(gateFit, {}, { learningRate: 0 })).toMatch(/greater than 0.*"learningRate"/s)
    expect(await failure(gateFit, {}, { teacher: "uniform" })).toMatch(/"bimodal".*"teacher"/s)
    for (const unsettled of [{ learningRate: 1e6 }, { learningRate: 0.5 }, { learningRate: 0.2 }, { steps: 3 }])
      expect(await failure(gateFit, {}, unsettled)).toContain("the fit hasn't settled")
  })
})
