import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { descend, Descent, descentFrom } from "../src/float64.ts"

const close = (found: Float64Array, wanted: ReadonlyArray<number>, digits: number) =>
  wanted.forEach((w, i) => (Number.isFinite(w) ? expect(found[i]).toBeCloseTo(w, digits) : expect(found[i]).toBe(w)))

describe("Adam in float64", () => {
  it("goes the length of the rate at first, and leaves -infinity", () => {
    const start = descentFrom(Float64Array.of(1, -Infinity, 2))
    const next = descend(start, [-3, 0, 1e-3], { step: 1, learningRate: 0.1 })
    close(next.parameters, [1.1, -Infinity, 1.9], 5)
    // by hand: m = 0.1 g, v = 0.001 g^2 after one step
    close(next.mean, [-0.3, 0, 1e-4], 15)
    close(next.square, [0.009, 0, 1e-9], 15)
  })
  it("takes the steps of the formula, with any decay", () => {
    const [b1, b2, rate] = [0.5, 0.9, 0.1]
    let [w, m, v] = [1, 0, 0]
    let now = descentFrom(Float64Array.of(w))
    for (const [i, g] of [0.5, -0.25, 1, 0, 3].entries()) {
      m = b1 * m + (1 - b1) * g
      v = b2 * v + (1 - b2) * g * g
      w -= (rate * (m / (1 - b1 ** (i + 1)))) / (Math.sqrt(v / (1 - b2 ** (i + 1))) + 1e-8)
      now = descend(now, [g], { step: i + 1, learningRate: rate, beta1: b1, beta2: b2 })
      expect(now.parameters[0]).toBeCloseTo(w, 14)
    }
  })
  it("stands in a checkpoint without losing a bit", async () => {
    const now = descend(descentFrom(Float64Array.of(1 / 3, -Infinity)), [Math.PI, 0], { step: 1, learningRate: 0.1 })
    expect(await Effect.runPromise(Descent.decode(Descent.encode(now)))).toEqual(now)
  })
})
