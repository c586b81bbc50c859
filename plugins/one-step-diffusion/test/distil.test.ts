/** Teacher, student and samples: they learn, resume, keep to themselves, and refuse what can't be. */
import { tensorValue } from "@relent/arrow"
import { TrainingState } from "@relent/nn"
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { type Denoiser, Distribution } from "../src/distribution.ts"
import { fDistill } from "../src/f-distill.ts"
import { makeIsotropicMixture } from "../src/isotropic-mixture.ts"
import { ringTeacher } from "../src/ring-teacher.ts"
import { sample } from "../src/sample.ts"
import { Points } from "../src/tables.ts"
import { trainTeacher } from "../src/train-teacher.ts"
import { failure, ran, run } from "./run.ts"

const pair = makeIsotropicMixture([0.25, 0.75], [-1, 0, 1, 0], [0.1, 0.1])
const drawn = (rows: number) => run(sample, { of: pair }, { rows, exact: true })
const data = (await drawn(600))["samples"]
const tiny = { hidden: [12], steps: 12, batch: 16, every: 4 }
const teach = (parameters: object = {}) => run(trainTeacher, { data }, { ...tiny, ...parameters })
const teacher: Denoiser = (await teach())["teacher"]
const brief = { ...tiny, fakeHidden: [12], discriminatorHidden: [8], studentUpdateFreq: 2, divergence: "kl" }
/** The share of the left of two modes. */
const left = (x: Float32Array) => {
  let count = 0
  for (let i = 0; i < x.length; i += 2) if (x[i]! < 0) count++
  return (2 * count) / x.length
}

describe("a teacher", () => {
  it("learns a denoiser that Heun's method samples from", async () => {
    const more = { hidden: [24, 24], steps: 120, batch: 64, learningRate: 0.01, logSigmaMean: -0.8, every: 100 }
    const outputs = await run(trainTeacher, { data }, more)
    const heun = { rows: 400, steps: 12, sigmaMax: 4 }
    const by = async (of: object, more: object = heun) => (await run(sample, { of }, more))["samples"].columns.x
    expect(Math.abs(left(await by(outputs["teacher"])) - 0.25)).toBeLessThan(0.1)
    expect(Math.abs(left(await by(pair)) - 0.25)).toBeLessThan(0.06)
    // one step is the guess at the highest level of noise: near to the mean, and no sample
    const once = await by(outputs["teacher"], { ...heun, steps: 1 })
    expect(Math.max(...once.map(Math.abs))).toBeLessThan(0.95)
  })
  it("measures the deviation of its data, or is told", async () => {
    expect(teacher.dataDeviation).toBeCloseTo(Math.sqrt((0.75 + 2 * 0.01) / 2), 1)
    expect((await teach({ dataDeviation: 0.5 }))["teacher"].dataDeviation).toBe(0.5)
  })
  it("trains a member the same alone and in company, and resumes to the same bytes", async () => {
    const whole = await ran(trainTeacher, { data }, { ...tiny, members: 2 })
    const first = (of: Denoiser) => [...of.parameters["layers/0/weight"]!.values].slice(0, 7 * 12)
    expect(first(whole.outputs["teacher"])).toEqual(first(teacher))
    const [saved] = whole.checkpoints
    expect((await ran(trainTeacher, { data }, { ...tiny, members: 2 }, { saved: saved! })).outputs).toEqual(
      whole.outputs,
    )
  })
  it("refuses data that it can't learn from", async () => {
    const on = (x: Array<number>) =>
      failure(trainTeacher, { data: Points.make({ x: Float32Array.from(x) }) }, { batch: 2 })
    const at = (...x: Array<number>) => Points.fromRows(x.map((v) => ({ x: Float32Array.of(v, v) })))
    expect(await failure(trainTeacher, { data: at(1, 2, Number.NaN) }, { batch: 2 })).toContain(
      "row 2 has the coordinate NaN",
    )
    expect(await failure(trainTeacher, { data: at(3, 3) }, { batch: 2 })).toContain("all points are the same")
    expect(await failure(trainTeacher, { data: at(1, 2) }, {})).toContain(
      "a batch of 128 can't be drawn from 2 examples",
    )
    expect(await on([])).toContain("there are no points")
    expect(await failure(trainTeacher, { data }, { averageDecay: 1 })).toContain("averageDecay")
  })
})

describe("of images", () => {
  const shape = { image: [4, 4, 1], channels: [4, 8], groups: 2 } as const
  const images = Points.fromRows(
    Array.from({ length: 40 }, (_, k) => ({ x: Float32Array.from({ length: 16 }, (_, i) => Math.sin(k + i) / 2) })),
  )
  const teach = { steps: 3, batch: 8, every: 3, unet: shape }

  it("a U-Net is taught, copied, distilled and sampled from, and crosses a port whole", async () => {
    const { teacher } = await run(trainTeacher, { data: images }, teach)
    expect(teacher).toMatchObject({ kind: "denoiser", ...shape })
    expect(await Effect.runPromise(Distribution.decode(Distribution.encode(teacher)))).toEqual(teacher)
    const more = { ...brief, steps: 2, members: 2, batch: 4 }
    const { student } = await run(fDistill, { teacher, data: images }, more)
    expect(student).toMatchObject({ kind: "one-step-denoiser", ...shape, members: 2 })
    expect((await run(sample, { of: student }, { rows: 3 }))["samples"].columns.x).toHaveLength(2 * 3 * 16)
    expect((await run(sample, { of: teacher }, { rows: 2, steps: 2 }))["samples"].columns.x).toHaveLength(2 * 16)
    const other = { ...teacher, channels: [4, 16] }
    expect(await Effect.runPromise(Effect.flip(Distribution.decode(Distribution.encode(other))))).toMatchObject({
      _tag: "TableMismatch",
    })
  })
  it("what can't be one is refused", async () => {
    const because = (unet: object) => failure(trainTeacher, { data: images }, { ...teach, unet: { ...shape, ...unet } })
    expect(await because({ image: [4, 5, 1] })).toContain("points have 16 coordinates, images of 4 x 5 x 1 have 20")
    expect(await because({ groups: 3 })).toContain("3")
    expect(await because({ channels: [4, 8, 8, 8] })).toContain("can't be halved 3 times")
  })
})

describe("a student", () => {
  const distil = (parameters: object = {}, inputs: object = { teacher, data }, more: object = {}) =>
    ran(fDistill, inputs, { ...brief, ...parameters }, more)

  it("starts as a copy of the teacher's network, and comes nearer to its distribution", async () => {
    const { outputs } = await distil({ steps: 1, learningRate: 1e-12 })
    const { student } = outputs
    expect(student).toMatchObject({
      kind: "one-step-denoiser",
      sigma: 2.5,
      widths: (teacher as { readonly widths: ReadonlyArray<number> }).widths,
    })
    for (const [path, { values }] of Object.entries(teacher.parameters)) {
      const now = student.parameters[path]!.values
      values.forEach((v: number, i: number) => expect(now[i]).toBeCloseTo(v, 6))
    }
  })
  it("learns where a Gaussian lies and how wide it is, from scratch", async () => {
    const away = makeIsotropicMixture([1], [1, -1], [0.5])
    const near = (await run(sample, { of: away }, { rows: 400, exact: true }))["samples"]
    const more = { steps: 90, batch: 32, learningRate: 5e-3, sigmaMax: 4, ganWeight: 0, every: 30 }
    const { outputs, metrics } = await distil(more, { teacher: away, data: near })
    expect(outputs["student"].kind).toBe("one-step-mlp")
    expect(metrics.map(({ step }) => step)).toEqual([30, 60, 90])
    const { x } = (await run(sample, { of: outputs["student"] }, { rows: 500 }))["samples"].columns
    for (const [j, mean] of [1, -1].entries()) {
      const along = [...x].filter((_, i) => i % 2 === j)
      const found = along.reduce((sum, v) => sum + v, 0) / along.length
      expect(Math.abs(found - mean)).toBeLessThan(0.3)
      const deviation = Math.sqrt(along.reduce((sum, v) => sum + (v - found) ** 2, 0) / along.length)
      expect(deviation).toBeGreaterThan(0.25)
      expect(deviation).toBeLessThan(0.8)
    }
  })
  it("resumes to the same bytes from every checkpoint", async () => {
    const whole = await distil({ ratioEmaRate: 0.5, batch: 8 })
    expect(whole.checkpoints.map(({ step }) => step)).toEqual([4, 8])
    for (const saved of whole.checkpoints) {
      const state = await Effect.runPromise(TrainingState.decode(TrainingState.encode(saved.state)))
      const { outputs } = await distil({ ratioEmaRate: 0.5, batch: 8 }, undefined, {
        saved: { step: saved.step, state },
      })
      expect(outputs).toEqual(whole.outputs)
    }
  })
  it("is the same alone and in company", async () => {
    const weights = async (members: number) => {
      const { outputs } = await distil({ members, steps: 4 })
      return [...outputs["student"].parameters["layers/0/weight"].values].slice(0, 7 * 12) as Array<number>
    }
    const [alone, together] = [await weights(1), await weights(2)]
    alone.forEach((v, i) => expect(together[i]).toBeCloseTo(v, 5))
  })
  it("differs by divergence, by scaling, by the discriminator's weight, by clip and by bins", async () => {
    const all = [
      {},
      { divergence: "reverse-kl" },
      { divergence: { alpha: 0.5 } },
      { scaled: false },
      { ganWeight: 0.1 },
      { matchingWeight: 0 },
      { ratioLower: 0.999, ratioUpper: 1.001 },
      { ratioNormalization: false },
      { binNum: 1 },
      { studentUpdateFreq: 3 },
      { sigmaStart: 1 },
    ]
    const found: Array<string> = []
    for (const one of all)
      found.push(
        JSON.stringify([
          ...(await distil({ steps: 2, every: 2, divergence: "jensen-shannon", ...one })).outputs["student"].parameters[
            "layers/1/weight"
          ].values,
        ]),
      )
    expect(found.map((one) => found.indexOf(one))).toEqual([...all.keys()])
  })
  it("needs no data for reverse-kl without a discriminator, and doesn't look at it", async () => {
    const dmd = { divergence: "reverse-kl", ganWeight: 0, steps: 4 }
    const without = await distil(dmd, { teacher, data: undefined })
    expect((await distil(dmd)).outputs).toEqual(without.outputs)
    expect(without.metrics[0]).toMatchObject({ discriminatorLoss: 0, weightVariance: 0 })
  })
  it("warns of a batch of one, where every weight is 1", async () => {
    expect((await distil({ batch: 1, steps: 1 })).warnings.join()).toContain("'kl' is then reverse-kl")
    expect((await distil({ batch: 1, steps: 1, divergence: "reverse-kl" })).warnings).toEqual([])
    expect((await distil({ steps: 1 })).warnings).toEqual([])
  })
  it("has defaults for all but its inputs", async () => {
    const { student } = await run(fDistill, { teacher: pair, data }, { steps: 1, batch: 8 })
    expect(student.widths).toEqual([2, 64, 64, 2])
  })

  const refuse = (parameters: object, inputs: object = { teacher, data }) =>
    failure(fDistill, inputs, { ...brief, ...parameters })
  it.each([
    [{ divergence: "total-variation" }, "needs a second derivative above 0 everywhere"],
    [{ divergence: "klx" }, "klx"],
    [{ divergence: { alpha: Number.POSITIVE_INFINITY } }, "finite"],
    [{ ratioLower: 20, ratioUpper: 0.1 }, "wants ratioLower < 1 < ratioUpper"],
    [{ ratioLower: 0 }, "greater than 0"],
    [{ binNum: 0 }, "greater than 0"],
    [{ ratioEmaRate: 1 }, "ratioEmaRate"],
    [{ sigmaMin: 0 }, "greater than 0"],
    [{ sigmaMin: 10 }, "wants sigmaMin < sigmaMax"],
    [{ studentUpdateFreq: 1 }, "greater than 1"],
    [{ ganWeight: -1 }, "ganWeight"],
    [{ matchingWeight: 0, ganWeight: 0 }, "the generator would learn nothing"],
    [{ batch: 601 }, "a batch of 601 can't be drawn from 600 examples"],
    [{ learningRate: 1e30 }, /diverged|isn't finite/],
  ])("refuses %j", async (wrong, reason) => {
    expect(await refuse(wrong)).toMatch(reason)
  })
  it("refuses inputs that don't fit", async () => {
    expect(await refuse({}, { teacher })).toContain("'kl' weighs by a density ratio, which is learnt from real data")
    expect(await refuse({ divergence: "reverse-kl" }, { teacher })).toContain(
      "a discriminator is learnt from real data",
    )
    const line = Points.fromRows([{ x: Float32Array.of(1) }, { x: Float32Array.of(2) }])
    expect(await refuse({}, { teacher, data: line })).toContain("the data has 1 coordinates, the teacher 2")
    const two = (await teach({ members: 2 }))["teacher"]
    expect(await refuse({ members: 3 }, { teacher: two, data })).toContain(
      "the teacher has 2 members, 3 students are wanted",
    )
  })
  it("ends at the first sample that a teacher makes infinite, and says which", async () => {
    const last = teacher.parameters["layers/1/bias"]!
    const broken = {
      ...teacher.parameters,
      "layers/1/bias": tensorValue("float32", Float32Array.of(Number.NaN, 0), last.shape),
    }
    const given = { teacher: { ...teacher, parameters: broken }, data }
    expect(await refuse({}, given)).toMatch(/diverged|isn't finite/)
    const mixture = makeIsotropicMixture([1], [1e30, 0], [0.1]) // the square of a distance overflows on the device
    expect(await refuse({}, { teacher: mixture, data })).toContain("isn't finite, first at sample 0 of member 0")
  })
})

describe("samples", () => {
  it("are drawn exactly from a mixture alone", async () => {
    expect(await failure(sample, { of: teacher }, { exact: true })).toContain("a denoiser can't be drawn from exactly")
    expect(await failure(sample, { of: pair }, { sigmaMin: 5, sigmaMax: 1 })).toContain("wants sigmaMin < sigmaMax")
  })
  it("say when one isn't finite", async () => {
    const last = teacher.parameters["layers/1/bias"]!
    const nan = tensorValue("float32", Float32Array.of(Number.NaN, 0), last.shape)
    const of = { ...teacher, parameters: { ...teacher.parameters, "layers/1/bias": nan } }
    expect(await failure(sample, { of }, { rows: 5 })).toContain("sample 0 isn't finite")
  })
  it("of two members are apart, and don't depend on how many are taken", async () => {
    const two = (await teach({ members: 2 }))["teacher"]
    const { samples } = await run(sample, { of: two }, { rows: 3, steps: 2 })
    expect([...samples.columns.member]).toEqual([0, 0, 0, 1, 1, 1])
    const { samples: more } = await run(sample, { of: two }, { rows: 1003, steps: 2 })
    for (let i = 0; i < 6; i++) expect(more.columns.x[i]).toBeCloseTo(samples.columns.x[i], 5)
    expect(samples.columns.x[0]).not.toBe(samples.columns.x[6])
  })
})

describe("a ring", () => {
  it("has its modes around a circle", async () => {
    const { teacher } = await run(ringTeacher, {})
    expect(teacher).toMatchObject({ dimension: 2, kind: "isotropic-mixture" })
    expect(teacher.weights).toHaveLength(8)
    expect(Math.hypot(teacher.means[6], teacher.means[7])).toBeCloseTo(1, 12)
    expect(await failure(ringTeacher, {}, { weights: [0.5, 0.4] })).toContain("the weights sum to 0.9")
  })
  it("and networks cross a port without loss", async () => {
    for (const of of [pair, teacher])
      expect(await Effect.runPromise(Distribution.decode(Distribution.encode(of)))).toEqual(of)
    const short = { ...teacher, widths: [7, 13, 2] }
    await expect(Effect.runPromise(Distribution.decode(Distribution.encode(short)))).rejects.toThrow("wanted float32")
  })
})
