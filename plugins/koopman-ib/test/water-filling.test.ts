import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { ascend, effectiveDimension, equal, gap, information, type Problem } from "../src/information/allocation.ts"
import { waterFilling } from "../src/water-filling.ts"
import { failure, run } from "./run.ts"

const gains = [10, 2, 0.5]

describe("the table of powers", () => {
  it.each<[number, ReadonlyArray<number>, number]>([
    [0, [0.7, 0.3, 0], 1.842023],
    [0.05, [0.67629734, 0.32344745, 0.00025521], 1.88082],
    [0.1, [0.65310321, 0.33662131, 0.01027548], 1.997284],
    [0.5, [0.51089369, 0.33110441, 0.15800191], 2.719986],
  ])("gamma %d", async (gamma, powers, dimension) => {
    const { modes, allocation } = (await run(waterFilling, {}, { gains, gamma })).outputs
    expect([...modes.columns.mode]).toEqual([0, 1, 2])
    expect([...modes.columns.gain]).toEqual(gains)
    powers.forEach((p, i) => expect(Math.abs(modes.columns.power[i] - p)).toBeLessThan(1e-8))
    expect(Math.abs(allocation.columns.effectiveDimension[0] - dimension)).toBeLessThan(1e-6)
    expect(allocation.columns.gap[0]).toBeLessThan(1e-14)
    expect(modes.columns.power[2] > 1e-100).toBe(gamma > 0)
  })
  it("mutual information without entropy", async () => {
    const { allocation } = (await run(waterFilling, {}, { gains })).outputs
    expect(allocation.columns.information[0]).toBeCloseTo(1.274723, 6)
  })
  it("metrics every so many steps, and after the last", async () => {
    const { metrics } = await run(waterFilling, {}, { gains, gamma: 0.1, steps: 25, every: 10 })
    expect(metrics.map(({ step }) => step)).toEqual([10, 20, 25])
    expect(metrics.map(({ gap }) => gap!)).toEqual(metrics.map(({ gap }) => gap!).toSorted((a, b) => b - a))
  })
})

/** Water-filling in closed form: `p_i = max(0, level - 1 / g_i)`, over as many of the strongest modes as stay above 0. */
const closedForm = (given: ReadonlyArray<number>): ReadonlyArray<number> => {
  const floors = given.map((g) => 1 / g)
  const sorted = floors.toSorted((a, b) => a - b)
  const levels = sorted.map((_, k) => (1 + sorted.slice(0, k + 1).reduce((a, b) => a + b, 0)) / (k + 1))
  const level = levels.findLast((l, k) => l > sorted[k]!)!
  return floors.map((floor) => Math.max(0, level - floor))
}

const someGains = fc.array(
  fc.integer({ min: 1, max: 2000 }).map((g) => g / 100),
  { minLength: 1, maxLength: 6 },
)
const problems: fc.Arbitrary<Problem> = fc.record({ gains: someGains, gamma: fc.constantFrom(0, 0.01, 0.3, 5) })
const powersAfter = (problem: Problem, steps: number) => {
  let logP = equal(problem)
  for (let i = 0; i < steps; i++) logP = ascend(problem, logP)
  return logP
}
const objective = (problem: Problem, logP: Float64Array) => {
  const p = logP.map(Math.exp)
  return information(problem, p) + problem.gamma * Math.log(effectiveDimension(p))
}

describe("ascent", () => {
  it("without entropy is water-filling, at the promised rate", () => {
    fc.assert(
      fc.property(someGains, (given) => {
        const problem = { gains: given, gamma: 0 }
        const best = Float64Array.from(closedForm(given))
        const logP = powersAfter(problem, 500)
        const missing = information(problem, best) - information(problem, logP.map(Math.exp))
        // the rate of the method: smoothness times KL(best || start), over steps
        const most = ((Math.max(...given) / 8) * Math.log(given.length)) / 500
        return missing > -1e-12 && missing < most + 1e-12 && missing < gap(problem, logP) + 1e-12
      }),
      { numRuns: 50 },
    )
  })
  it("never goes down, and never passes the bound", () => {
    fc.assert(
      fc.property(problems, (problem) => {
        let logP = equal(problem)
        const bound = objective(problem, logP) + gap(problem, logP)
        for (let i = 0; i < 30; i++) {
          const next = ascend(problem, logP)
          if (objective(problem, next) < objective(problem, logP) - 1e-12) return false
          logP = next
        }
        return objective(problem, logP) <= bound + 1e-12
      }),
      { numRuns: 100 },
    )
  })
  it("with entropy keeps every mode, also of gains twelve powers of ten apart", () => {
    const logP = powersAfter({ gains: [1e6, 1, 1e-6], gamma: 0.1 }, 5)
    expect(logP.every(Number.isFinite)).toBe(true)
    expect(logP.map(Math.exp).reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12)
    for (const p of powersAfter({ gains: [3, 3, 3], gamma: 0.2 }, 10).map(Math.exp)) expect(p).toBeCloseTo(1 / 3, 12)
  })
})

it.each([
  [{ gains: [] }, /gains/],
  [{}, /gains/],
  [{ gains: [1, 0] }, /greater than 0/],
  [{ gains: [1, -2] }, /greater than 0/],
  [{ gains: [1, Number.NaN] }, /finite/],
  [{ gains: [1, Infinity] }, /finite/],
  [{ gains, gamma: -0.1 }, /greater than or equal to 0/],
  [{ gains, steps: 0 }, /greater than 0/],
])("refuses %j", async (parameters, message) => {
  expect(await failure(waterFilling, {}, parameters)).toMatch(message)
})
