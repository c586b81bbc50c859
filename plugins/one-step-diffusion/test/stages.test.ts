/** The stages: the optima of the card, what resumes, and what is refused. */
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { AffineStudent } from "../src/affine.ts"
import { affineReport } from "../src/affine-report.ts"
import { exactDistill } from "../src/exact-distill.ts"
import { exactOptimum } from "../src/exact-optimum.ts"
import { makeMixture } from "../src/gaussian-mixture.ts"
import { mixtureTeacher } from "../src/mixture-teacher.ts"
import { Distribution } from "../src/distribution.ts"
import { weightVariance } from "../src/weight-variance.ts"
import { failure, ran, run } from "./run.ts"

const teacher = makeMixture([0.3, 0.7], [-2, 2], [0.5, 0.5])
const wide = { mean: 0, deviation: 2 }
const collapsed = { mean: 1.5, deviation: 0.5 }
const clip = { lower: 0.1, upper: 20 }

describe("the exact optimum", () => {
  it.each([
    ["reverse-kl", wide, 1.99987, 0.50026],
    ["softened-reverse-kl", wide, 1.99992, 0.50016],
    ["jensen-shannon", wide, 0.84933, 1.85665], // a local one: the global one is at the larger mode
    ["squared-hellinger", wide, 0.84248, 1.82198],
    ["kl", wide, 0.8, 1.9], // the moments of the teacher
    ["kl", collapsed, 0.8, 1.9],
  ])("of %s from %j is (%d, %d)", async (divergence, start, mean, deviation) => {
    const { student } = await run(exactOptimum, { teacher, start }, { divergence })
    expect(student.mean).toBeCloseTo(mean, 5)
    expect(student.deviation).toBeCloseTo(deviation, 5)
  })
  it("is moved by a clipped ratio", async () => {
    const { student } = await run(exactOptimum, { teacher, start: wide }, { divergence: "kl", clip })
    expect(student.mean).toBeCloseTo(0.71911, 5)
    expect(student.deviation).toBeCloseTo(1.77813, 5)
  })
  it("has the value of the card; js there is twice ours", async () => {
    const value = async (divergence: string, start: object) => {
      const { student } = await run(exactOptimum, { teacher, start }, { divergence })
      return (await run(affineReport, { teacher, student }, { divergence }))["report"].columns.value[0]
    }
    expect(await value("reverse-kl", wide)).toBeCloseTo(0.356615, 6)
    expect(2 * (await value("jensen-shannon", wide))).toBeCloseTo(0.4021, 4)
    expect(2 * (await value("jensen-shannon", collapsed))).toBeCloseTo(0.2345, 4)
    expect(await value("squared-hellinger", wide)).toBeCloseTo(0.2354, 4)
    expect(await value("squared-hellinger", collapsed)).toBeCloseTo(0.1633, 4)
  })
  it("is refused where an integral is infinite", async () => {
    // E_q of 1 / r needs a teacher with tails at least as wide as the student's
    expect(await failure(exactOptimum, { teacher, start: wide }, { divergence: "neyman-chi2" })).toContain(
      "the gradient of 'neyman-chi2' is infinite",
    )
    const far = { mean: 1e9, deviation: 1 }
    expect(await failure(exactOptimum, { teacher, start: far }, { divergence: "kl" })).toContain("too far apart")
    expect(await failure(affineReport, { teacher, student: far })).toContain("too far apart")
  })
})

describe("distilling", () => {
  const short = { divergence: "kl", steps: 60, batch: 32, every: 20 }
  it("gives the same student for the same seed, and another for another", async () => {
    const student = async (seed: number) =>
      (await run(exactDistill, { teacher, start: wide }, short, { seed }))["student"]
    expect(await student(101)).toEqual(await student(101))
    expect(await student(101)).not.toEqual(await student(102))
  })
  it("goes on from every checkpoint to the same student", async () => {
    const inputs = { teacher, start: wide }
    const whole = await ran(exactDistill, inputs, short)
    expect(whole.checkpoints.map(({ step }) => step)).toEqual([20, 40])
    for (const [i, saved] of whole.checkpoints.entries()) {
      const { outputs, metrics } = await ran(exactDistill, inputs, short, { saved })
      expect(outputs).toEqual(whole.outputs)
      expect(metrics).toEqual(whole.metrics.slice(i + 1))
    }
  })
  it("refuses what it can't divide by", async () => {
    const start = { mean: 1000, deviation: 0.01 }
    expect(await failure(exactDistill, { teacher, start }, { divergence: "kl" })).toContain(
      "at step 0 the mean weight of the batch is 0",
    )
    const lost = { mean: 100, deviation: 0.01 }
    expect(await failure(exactDistill, { teacher, start: lost }, { divergence: "neyman-chi2" })).toContain(
      "the mean weight of the batch is Infinity",
    )
  })
  it.each([
    [{ divergence: "total-variation" }, "needs a second derivative above 0 everywhere"],
    [{ divergence: "cauchy-schwarz" }, "needs a generator f"],
    [{ divergence: "jensen-shanon" }, "did you mean 'jensen-shannon'?"],
    [{ divergence: { alpha: Number.NaN } }, "finite"],
    [{ clip: { lower: 20, upper: 0.1 } }, "wants lower < 1 < upper"],
    [{ clip: { lower: 0, upper: 20 } }, "greater than 0"],
    [{ batch: 1 }, "greater than 1"],
  ])("refuses %j", async (parameters, reason) => {
    expect(await failure(exactDistill, { teacher, start: wide }, parameters)).toContain(reason)
  })
})

describe("the variance of weights", () => {
  const standard = makeMixture([1], [0], [1])
  it.each([
    ["reverse-kl", 1, 0, 1e-12],
    ["softened-reverse-kl", 1, 0.112031, 0.05],
    ["jensen-shannon", 1, 0.256367, 0.05],
    ["squared-hellinger", 1, 0.284025, 0.05],
    ["jeffreys", 1, 0.42957, 0.1],
    ["kl", 1, 1.718282, 0.1],
    ["jensen-shannon", 2, 1.224202, 0.05],
  ])("of %s at distance %d is %d", async (divergence, mean, expected, within) => {
    const given = [
      weightVariance,
      { teacher: standard, student: { mean, deviation: 1 } },
      { divergence, samples: 50_000 },
    ] as const
    const { variance } = await run(...given)
    const { exact, error } = [...variance.rows][0]
    expect(exact).toBeCloseTo(expected, 6)
    expect(Math.abs(error)).toBeLessThan(within)
  })
  it("of kl at distance 2 is so large that samples don't show it", async () => {
    const given = [weightVariance, { teacher: standard, student: { mean: 2, deviation: 1 } }] as const
    const { variance } = await run(...given, { divergence: "kl", samples: 1000 })
    expect(variance.columns.exact[0]).toBeCloseTo(53.59815, 5)
    expect(Math.abs(variance.columns.error[0])).toBeGreaterThan(0.1)
  })
  it("is refused where it is infinite", async () => {
    const student = { mean: 0, deviation: 0.1 }
    expect(await failure(weightVariance, { teacher: standard, student }, { divergence: "kl" })).toContain(
      "no finite variance",
    )
  })
})

describe("tables", () => {
  it("hold a teacher and a student without loss", async () => {
    expect(await Effect.runPromise(Distribution.decode(Distribution.encode(teacher)))).toEqual(teacher)
    expect(await Effect.runPromise(AffineStudent.decode(AffineStudent.encode(wide)))).toEqual(wide)
  })
  it("that hold something else are told", async () => {
    const bad = Effect.runPromise(AffineStudent.decode(AffineStudent.encode({ mean: 0, deviation: -1 })))
    await expect(bad).rejects.toThrow("the deviation above 0")
    const broken = Distribution.encode({ ...teacher, weights: Float64Array.of(0.3, 0.3) })
    await expect(Effect.runPromise(Distribution.decode(broken))).rejects.toThrow("sum to 1")
    const components = [{ weight: 0.5, mean: 0, deviation: 1 }]
    expect(await failure(mixtureTeacher, {}, { components })).toContain("the weights sum to 0.5, not to 1")
  })
})
