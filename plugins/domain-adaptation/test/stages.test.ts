/** The exact testbed: figures of the card on a grid of its own, what resumes, and what is refused. */
import { TableSchema, Column } from "@relent/arrow"
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { densityClassRatio } from "../src/density-class-ratio.ts"
import { pixelDensity } from "../src/pixel-density.ts"
import { SigmoidModel } from "../src/sigmoid.ts"
import { sigmoidFit } from "../src/sigmoid-fit.ts"
import { sigmoidReport } from "../src/sigmoid-report.ts"
import { sourceFreeFit } from "../src/source-free-fit.ts"
import { ClassRatio, PixelDensity } from "../src/tables.ts"
import { failure, ran, run } from "./run.ts"

const image = (mean: number, points = 801) =>
  run(
    pixelDensity,
    {},
    {
      share: 0.1,
      background: { mean: 0, deviation: 0.15 },
      foreground: { mean, deviation: 0.15 },
      from: -1.5,
      to: 2.5,
      points,
    },
  ).then(({ pixels }) => pixels)
const target = await image(0.5)
const start = { slope: 6.28238649, intercept: -4.39695113 }
const prior = Float64Array.of(0.9, 0.1)
const classWeights = [0.5, 0.5]
const report = async (model: object) => [...(await run(sigmoidReport, { pixels: target, model }))["report"].rows][0]
const adapted = async (parameters: object, from = start) =>
  report((await run(sourceFreeFit, { pixels: target, start: from, prior }, { classWeights, ...parameters }))["model"])

describe("the card's testbed", () => {
  it("before adaptation", async () => {
    const { dice, best, foreground } = await report(start)
    expect(dice).toBeCloseTo(0.168, 2)
    expect(best).toBeCloseTo(0.873, 3)
    expect(foreground).toBeCloseTo(0.1, 12)
  })
  it.each([
    ["entropy alone collapses", { entropy: 1, prior: 0 }, 0, 2.573],
    ["the prior alone", { entropy: 0, prior: 1 }, 0.679, 0.494],
    ["both", { entropy: 1, prior: 1 }, 0.833, 0.405],
  ])("%s", async (_, lambda, dice, threshold) => {
    const row = await adapted({ lambda })
    // The card's grid is ten times finer: Dice counts whole points, so it moves in the third digit.
    expect(Math.abs(row.dice - dice)).toBeLessThan(0.005)
    expect(row.threshold).toBeCloseTo(threshold, 3)
  })
  it("from a hedged start both losses fail", async () => {
    const hedged = { slope: 0.5, intercept: Math.log(0.1 / 0.9) }
    expect((await adapted({ lambda: { entropy: 1, prior: 0 } }, hedged)).dice).toBe(0)
    expect((await adapted({}, hedged)).dice).toBeLessThan(1e-6)
  })
  it("starts from a model that its source gives", async () => {
    const source = await image(1)
    const { model } = await run(sigmoidFit, { pixels: source }, { weightDecay: 0.002 })
    // The card doesn't say how its start was fitted; this is within 1e-4 of it.
    expect(model.slope).toBeCloseTo(start.slope, 4)
    expect(Math.abs(model.intercept - start.intercept)).toBeLessThan(1e-4)
    const ratio = (await run(densityClassRatio, { pixels: source }))["prior"]
    expect([...ratio]).toEqual([expect.closeTo(0.9, 12), expect.closeTo(0.1, 12)])
  })
})

describe("a fit", () => {
  const short = { classWeights, steps: 60, every: 20 }
  const inputs = { pixels: target, start, prior }
  it.each([
    ["source-free", sourceFreeFit, inputs, short],
    ["supervised", sigmoidFit, { pixels: target }, { steps: 60, every: 20 }],
  ])("%s goes on from every checkpoint to the same model", async (_, stage, inputs, parameters) => {
    const whole = await ran(stage, inputs, parameters)
    expect(whole.checkpoints.map(({ step }) => step)).toEqual([20, 40])
    for (const [i, saved] of whole.checkpoints.entries()) {
      const { outputs, metrics } = await ran(stage, inputs, parameters, { saved })
      expect(outputs).toEqual(whole.outputs)
      expect(metrics).toEqual(whole.metrics.slice(i + 1))
    }
  })
  it("never reads labels", async () => {
    const bare = TableSchema.make("test/bare", 1, { x: Column.float64, mass: Column.float64 })
    const { x, mass } = target.columns
    const given = { ...inputs, pixels: bare.make({ x, mass }) }
    expect(await run(sourceFreeFit, given, short)).toEqual(await run(sourceFreeFit, inputs, short))
  })
  it.each([
    [{ classWeights: [1] }, "1 class weights for 2 classes"],
    [{ classWeights: [1, -1] }, "greater than or equal to 0"],
    [{ classWeights, lambda: { entropy: 0, prior: 0 } }, "wants one of the two above 0"],
    [{ classWeights, lambda: { entropy: -1, prior: 1 } }, "greater than or equal to 0"],
    [{ classWeights, power: 0 }, "greater than 0"],
    [{ classWeights, epsilon: 0.01 }, "less than or equal to 0.001"],
    [{ classWeights, divergence: "cauchy-schwarz" }, "needs a generator f"],
    [{ classWeights, divergence: "reverse" }, "no divergence 'reverse'"],
    [{}, "classWeights"],
  ])("refuses %j", async (parameters, reason) => {
    expect(await failure(sourceFreeFit, inputs, parameters)).toContain(reason)
  })
  it("fails when it runs away", async () => {
    const away = { learningRate: 5, weightDecay: 2 } // each step takes the slope times -9
    expect(await failure(sigmoidFit, { pixels: target }, away)).toMatch(/at step \d+ .* isn't finite/)
    const steep = { slope: 1e308, intercept: 1e308 }
    expect(await failure(sourceFreeFit, { ...inputs, start: steep }, short)).toMatch(
      /at step 0 a logit of pixel \d+ isn't finite/,
    )
  })
  it("refuses a prior of other classes, and shares that are none", async () => {
    const three = Float64Array.of(0.8, 0.1, 0.1)
    expect(await failure(sourceFreeFit, { ...inputs, prior: three }, short)).toContain("3 prior ratios for 2 classes")
    const half = PixelDensity.make({ x: [0, 1], mass: [0.2, 0.3], foreground: [0, 0] })
    expect(await failure(sourceFreeFit, { ...inputs, pixels: half }, short)).toContain("sum to 1, not to 0.5")
    const empty = PixelDensity.make({ x: [], mass: [], foreground: [] })
    expect(await failure(sourceFreeFit, { ...inputs, pixels: empty }, short)).toContain("not to 0")
    const odd = PixelDensity.make({ x: [0, Number.NaN], mass: [0.5, 0.5], foreground: [0, 0] })
    expect(await failure(sourceFreeFit, { ...inputs, pixels: odd }, short)).toContain("a logit of pixel 1 isn't finite")
    const more = PixelDensity.make({ x: [0, 1], mass: [0.5, 0.5], foreground: [0, 0.6] })
    const labels = "row 1: the foreground has 0.6 of 0.5"
    expect(await failure(sigmoidFit, { pixels: more })).toContain(labels)
    expect(await failure(densityClassRatio, { pixels: more })).toContain(labels)
    expect(await failure(sigmoidReport, { pixels: more, model: start })).toContain(labels)
  })
})

describe("tables", () => {
  const decode = (effect: Effect.Effect<unknown, Error>) =>
    Effect.runPromise(effect).then(
      () => "no failure",
      (error: Error) => error.message,
    )
  it("hold a model and a ratio without loss", async () => {
    expect(await Effect.runPromise(SigmoidModel.decode(SigmoidModel.encode(start)))).toEqual(start)
    expect(await Effect.runPromise(ClassRatio.decode(ClassRatio.encode(prior)))).toEqual(prior)
  })
  it.each([
    [[0.9, 0.2], "ratios are 0 or more and sum to 1"],
    [[1.1, -0.1], "ratios are 0 or more and sum to 1"],
    [[0.9, Number.NaN], "ratios are 0 or more"],
  ])("refuse the ratio %j", async (ratio, reason) => {
    expect(await decode(ClassRatio.decode(ClassRatio.encode(Float64Array.from(ratio))))).toContain(reason)
  })
  it("refuse a model that isn't finite, and a grid that misses pixels", async () => {
    const model = SigmoidModel.encode({ slope: Number.POSITIVE_INFINITY, intercept: 0 })
    expect(await decode(SigmoidModel.decode(model))).toContain("finite numbers")
    const narrow = { from: 0, to: 0.5, share: 0.1 }
    const normal = { mean: 0, deviation: 0.15 }
    const given = { ...narrow, background: normal, foreground: normal }
    expect(await failure(pixelDensity, {}, given)).toContain("the grid from 0 to 0.5 holds 0.4996")
    expect(await failure(pixelDensity, {}, { ...given, share: 1.5 })).toContain("between 0 and 1")
  })
})
