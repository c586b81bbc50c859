/** Regression through a bottleneck: terms, and the stages around them. */
import { Column, TableSchema } from "@relent/arrow"
import { forbidPromotion } from "@relent/tensor/testing"
import { type Tensor, tf } from "@relent/tensor"
import { describe, expect, it } from "vitest"
import { csQmiTerm, hsicTerm, kullbackTerm } from "../src/bottleneck/compression.ts"
import { compressions, predictions } from "../src/bottleneck/index.ts"
import { conditionalLoss, type Data, huberLoss, type Prediction, welschLoss } from "../src/bottleneck/prediction.ts"
import { Regression, TargetScale } from "../src/bottleneck/tables.ts"
import { csIb } from "../src/cs-ib.ts"
import { evaluateBottleneck } from "../src/evaluate-bottleneck.ts"
import { grossNoise } from "../src/gross-noise.ts"
import { standardiseRegression } from "../src/standardise-regression.ts"
import { failure, read, run } from "./run.ts"

forbidPromotion()
const column = (...values: ReadonlyArray<number>) => tf.tensor([...values], [1, values.length, 1])
const data: Data = { x: { values: [0, 1, 3], dimension: 1 }, y: { values: [0, 0.5, 2], dimension: 1 } }
const batch = () => ({ x: column(0, 1, 3), y: column(0, 0.5, 2), predicted: column(0.1, 0.7, 1.5) })
const valueOf = async (loss: Prediction) => (await read(() => [loss(data)(batch())]))[0]![0]!

describe("prediction terms", () => {
  it("the card's batch, by both denominators", async () => {
    const at = (denominator: "sum-squared" | "official") =>
      valueOf(conditionalLoss({ sigmaX: 1, sigmaY: 1, denominator }))
    expect(await at("sum-squared")).toBeCloseTo(0.09994001, 6)
    expect(await at("official")).toBeCloseTo(0.0841148, 6)
  })
  it("with a tiny width of the inputs it is -2 log of the correntropy", async () => {
    const narrow = await valueOf(conditionalLoss({ sigmaX: 0.01, sigmaY: 1, denominator: "sum-squared" }))
    expect(narrow).toBeCloseTo(0.09718473, 6)
    const welsch = await valueOf(welschLoss({ sigma: 1 }))
    expect(-2 * Math.log(1 - welsch)).toBeCloseTo(narrow, 6)
  })
  it("rules give the width from all of the data: the median distance of these inputs is 2, of these targets 1.5", async () => {
    const byRule = await valueOf(conditionalLoss({ sigmaX: "median", sigmaY: "median", denominator: "sum-squared" }))
    const given = await valueOf(conditionalLoss({ sigmaX: 2, sigmaY: 1.5, denominator: "sum-squared" }))
    expect(byRule).toBe(given)
  })
  it("huber and welsch, by hand", async () => {
    // e = .1 .2 -.5
    expect(await valueOf(huberLoss({ delta: 0.2 }))).toBeCloseTo((0.005 + 0.02 + 0.2 * 0.4) / 3, 6)
    const kept = [0.1, 0.2, 0.5].map((e) => Math.exp(-(e * e) / 8))
    expect(await valueOf(welschLoss({ sigma: 2 }))).toBeCloseTo((4 * (3 - kept.reduce((a, b) => a + b, 0))) / 3, 6)
  })
})

it.each(predictions.map((p) => [p.name, p] as const))(
  "%s: 0 where predictions are the targets, and descends to them",
  async (_, named) => {
    const loss = named.value.make({ delta: 1, sigma: 1, sigmaX: 1, denominator: "sum-squared" })(data)
    const [here, slope, start] = await read(() => {
      const { x, y, predicted } = batch()
      return [
        loss({ x, y, predicted: y }),
        tf.grad((p: Tensor) => loss({ x, y, predicted: p }))(predicted),
        loss({ x, y, predicted }),
      ]
    })
    expect(here![0]).toBeCloseTo(0, 6)
    expect(start![0]).toBeGreaterThan(0)
    expect(Math.sign(slope![0]!)).toBe(1) // above its target
    expect(Math.sign(slope![2]!)).toBe(-1) // below its target
  },
)

describe("compression terms", () => {
  const compressed = () => {
    const t = tf.tensor([0, 1, 1, 1, 2, -1], [1, 3, 2])
    return { x: column(0, 1, 3), t, mean: t, logVariance: tf.tensor([0, 0, 1, 0, 0, -1], [1, 3, 2]) }
  }
  const termOf = async (of: NonNullable<ReturnType<typeof csQmiTerm>["of"]>) =>
    (await read(() => [of(data)(compressed())]))[0]![0]!
  const options = { sigmaX: 1, sigmaT: 1 } as const
  it("quadratic mutual information, plain and normalised: the card's batch", async () => {
    expect(await termOf(csQmiTerm({ ...options, normalise: false }).of!)).toBeCloseTo(0.4711062, 6)
    expect(await termOf(csQmiTerm({ ...options, normalise: true }).of!)).toBeCloseTo(0.99964276, 5)
  })
  it("HSIC is in [0, 1] when it is normalised", async () => {
    const value = await termOf(hsicTerm({ ...options, normalise: true }).of!)
    expect(value).toBeGreaterThan(0.5)
    expect(value).toBeLessThan(1)
  })
  it("the KL of a Gaussian bottleneck, by hand", async () => {
    const squares = [0, 1, 1, 1, 4, 1].reduce((a, b) => a + b, 0)
    const variances = Math.E - 2 + Math.exp(-1) // s^2 - 1 - log s^2 of log s^2 = 1 and -1, the others give 0
    expect(await termOf(kullbackTerm().of!)).toBeCloseTo((squares + variances) / 6, 5)
  })
  it("one says whether it draws, or divides by what t keeps", () => {
    const facts = compressions.map((c) => {
      const { stochastic, normalised } = c.value.make({ normalise: true })
      return [c.name, stochastic, normalised]
    })
    expect(facts).toEqual([
      ["koopman-ib/none", false, false],
      ["koopman-ib/cs-qmi", false, true],
      ["koopman-ib/hsic", false, true],
      ["koopman-ib/vib", true, false],
    ])
  })
})

/** `y = sin(2 a) + b`, rows on a spiral. */
const examples = (rows: number, from = 0, shift = 0) => {
  const x = new Float32Array(rows * 2)
  const y = new Float32Array(rows)
  for (let i = 0; i < rows; i++) {
    const [a, b] = [1.4 * Math.sin(1.3 * (i + from)), 1.4 * Math.cos(2.9 * (i + from))]
    x.set([a + shift, b], 2 * i)
    y[i] = Math.sin(2 * a) + b
  }
  return Regression.make({ id: Int32Array.from({ length: rows }, (_, i) => i + from), x, y })
}
const scale = TargetScale.fromRows([{ target: 0, mean: 0, deviation: 2 }])
const small = {
  hidden: [16],
  decoder: [16],
  bottleneck: 3,
  batch: 16,
  steps: 40,
  every: 20,
  learningRate: 0.01,
  members: 2,
}

describe("preparing", () => {
  it("standardises by the training data alone", async () => {
    const Raw = TableSchema.make("test/raw", 1, {
      id: Column.int32,
      x: Column.tensor("float32", [2]),
      y: Column.tensor("float32", [1]),
    })
    const train = Raw.make({ id: [3, 4], x: [1, 7, 3, 7], y: [10, 30] })
    const test = Raw.make({ id: [5, 6], x: [2, 8, 5, 7], y: [20, 50] })
    const { outputs } = await run(standardiseRegression, { train, test })
    expect([...outputs["train"].columns.x]).toEqual([-1, 0, 1, 0])
    expect([...outputs["train"].columns.y]).toEqual([-1, 1])
    expect([...outputs["test"].columns.x]).toEqual([0, 1, 3, 0])
    expect([...outputs["test"].columns.y]).toEqual([0, 3])
    expect([...outputs["test"].columns.id]).toEqual([5, 6])
    expect([...outputs["scale"].rows]).toEqual([{ target: 0, mean: 20, deviation: 10 }])
  })
  it("spoils a share of the targets, and nothing else", async () => {
    const data = examples(200)
    const noisy = (await run(grossNoise, { data }, { share: 0.2, size: 5 })).outputs["data"].columns
    const apart = [...noisy.y].map((v: number, i) => v - data.columns.y[i]!).filter((d) => d !== 0)
    expect(apart).toHaveLength(40)
    expect(Math.sqrt(apart.reduce((sum, d) => sum + d * d, 0) / 40)).toBeGreaterThan(3)
    expect(Math.sqrt(apart.reduce((sum, d) => sum + d * d, 0) / 40)).toBeLessThan(7)
    expect(noisy.x).toEqual(data.columns.x)
    const twice = (await run(grossNoise, { data }, { share: 0.1, size: 5 })).outputs["data"].columns.y as Float32Array
    expect([...twice].filter((v, i) => v !== data.columns.y[i] && v !== noisy.y[i])).toEqual([])
  })
})

describe("cs-ib", () => {
  const report = async (parameters: object) => {
    const { outputs, metrics, checkpoints, warnings } = await run(
      csIb,
      { data: examples(100) },
      { ...small, ...parameters },
    )
    const { encoder, decoder } = outputs
    const found = await run(
      evaluateBottleneck,
      { encoder, decoder, data: examples(60, 200), scale },
      { epsilons: [0.2] },
    )
    return { outputs, metrics, checkpoints, warnings, ...(found.outputs as { errors: any; information: any }) }
  }
  it.each([
    [{ prediction: "mse", compression: "none" }],
    [{ prediction: "mse", compression: "vib" }],
    [{ prediction: "mse", compression: "hsic" }],
    [{}],
  ])("learns, and says how robust it has become: %j", async (parameters) => {
    const { errors, information, metrics } = await report(parameters)
    expect(metrics.map(({ step }) => step)).toEqual([20, 40])
    const rows = [...errors.rows] as ReadonlyArray<{
      member: number
      attack: string
      epsilon: number
      rmse: number
    }>
    expect(rows.map(({ attack }) => attack)).toEqual(["none", "none", "fgsm", "fgsm", "pgd", "pgd"])
    const of = (attack: string, member: number) => rows.find((row) => row.attack === attack && row.member === member)!
    for (const member of [0, 1]) {
      const { rmse } = of("none", member)
      expect(rmse).toBeLessThan(0.8 * 2 * 1.2) // of targets with deviation 1.2, in units of 2
      expect(of("fgsm", member).rmse).toBeGreaterThan(rmse)
      expect(of("pgd", member).rmse).toBeGreaterThan(rmse)
    }
    for (const { ofInputs, ofTargets, hsicOfInputs } of information.rows) {
      expect(ofInputs).toBeGreaterThan(0)
      expect(ofTargets).toBeGreaterThan(0)
      expect(hsicOfInputs).toBeLessThanOrEqual(1)
    }
  })
  it("a heavy weight keeps less of the inputs", async () => {
    const keeps = async (beta: number) =>
      (await report({ beta, members: 1, steps: 25 })).information.columns.ofInputs[0] as number
    expect(await keeps(5)).toBeLessThan(await keeps(0))
  })
  it.each(["cs-qmi", "vib"])("with %s, cut at a checkpoint and resumed, gives the same bytes", async (compression) => {
    const data = examples(100)
    const parameters = { ...small, steps: 8, every: 4, compression }
    const whole = await run(csIb, { data }, parameters)
    const rest = await run(csIb, { data }, parameters, whole.checkpoints[0])
    expect(rest.outputs["encoder"].parameters).toEqual(whole.outputs["encoder"].parameters)
    const alone = await run(csIb, { data }, { ...parameters, members: 1 })
    const weight = (ran: typeof whole) => ran.outputs["encoder"].parameters["layers/0/weight"].values as Float32Array
    weight(alone).forEach((v, i) => expect(v).toBeCloseTo(weight(whole)[i]!, 5))
  })
  it("warns of inputs that aren't standardised, and of kernels that see all alike", async () => {
    const { x, y, id } = examples(60).columns
    const wide = Regression.make({ id, x: x.map((v, i) => (i % 2 ? v : 10 * v)), y })
    const flat = { ...small, steps: 1 }
    expect((await run(csIb, { data: wide }, flat)).warnings).toEqual([
      expect.stringContaining("column 0 of 'x' isn't standardised"),
    ])
    expect((await run(csIb, { data: examples(60) }, flat)).warnings).toEqual([
      expect.stringMatching(/half of the pairs of inputs have a kernel above 0\.\d+ at width 1/),
    ])
  })
})

describe("what they refuse", () => {
  const data = () => examples(40)
  it.each([
    [{ beta: -0.1 }, /greater than or equal to 0/],
    [{ batch: 7 }, /greater than or equal to 8/],
    [{ batch: 64 }, /batch of 64 can't be drawn from 40/],
    [{ bottleneck: 0 }, /greater than 0/],
    [{ prediction: { "conditional-cs-divergence": { sigmaX: 0 } } }, /greater than 0/],
    [{ prediction: { "conditional-cs-divergence": { sigmaY: -1 } } }, /greater than 0/],
    [{ prediction: { "conditional-cs-divergence": { denominator: "squared" } } }, /"sum-squared" \| "official"/],
    [{ compression: { "cs-qmi": { sigmaT: 0 } } }, /greater than 0/],
    [{ compression: { hsic: { sigmaX: -1 } } }, /greater than 0/],
    [{ prediction: { huber: { delta: 0 } } }, /greater than 0/],
    [{ prediction: { welsch: { sigma: 0 } } }, /greater than 0/],
    [{ prediction: "absolute" }, /'koopman-ib\/absolute' is unknown/],
  ])("cs-ib: %j", async (parameters, message) => {
    expect(await failure(csIb, { data: data() }, { ...small, ...parameters })).toMatch(message)
  })
  it("examples that aren't numbers, or too few, or of several targets without a width", async () => {
    const { id, x, y } = examples(20).columns
    expect(await failure(csIb, { data: Regression.make({ id, x: x.with(5, Number.NaN), y }) }, small)).toContain(
      "row 2 of 'x' holds NaN",
    )
    expect(await failure(csIb, { data: Regression.make({ id, x, y: y.with(3, Infinity) }) }, small)).toContain(
      "row 3 of 'y' holds Infinity",
    )
    expect(await failure(csIb, { data: Regression.make({ id: [1], x: [1, 2], y: [1] }) }, small)).toContain(
      "there are 1 examples",
    )
    const two = Regression.make({ id, x, y: x })
    expect(await failure(csIb, { data: two }, small)).toContain("there are 2 targets")
    const explicit = { ...small, steps: 1, prediction: { "conditional-cs-divergence": { sigmaY: 1 } } }
    expect(await failure(csIb, { data: two }, explicit)).toBe("no failure")
    const still = Regression.make({ id, x: x.map(() => 1), y })
    const byRule = { ...small, prediction: { "conditional-cs-divergence": { sigmaX: "median" } } }
    expect(await failure(csIb, { data: still }, byRule)).toContain("by the rule 'median' their kernel has the width 0")
  })
  it("a bottleneck that is one point", async () => {
    const { id, x, y } = examples(20).columns
    const still = Regression.make({ id, x: x.map(() => 0), y })
    expect(await failure(csIb, { data: still }, { ...small, steps: 2 })).toContain("DegenerateBottleneck")
    const { encoder, decoder } = (await run(csIb, { data: still }, { ...small, steps: 2, compression: "none" })).outputs
    expect(await failure(evaluateBottleneck, { encoder, decoder, data: examples(20), scale })).toBe("no failure")
    expect(await failure(evaluateBottleneck, { encoder, decoder, data: still, scale })).toContain(
      "DegenerateBottleneck",
    )
    const wide = Regression.make({ id: [0, 1], x: [1, 2, 3, 4, 5, 6], y: [1, 2] })
    expect(await failure(evaluateBottleneck, { encoder, decoder, data: wide, scale })).toContain(
      "the data has 3 features, the encoder wants 2",
    )
    expect(await failure(evaluateBottleneck, { encoder, decoder: encoder, data: examples(20), scale })).toContain(
      "the decoder 3",
    )
    expect(
      await failure(evaluateBottleneck, { encoder, decoder, data: examples(20), scale }, { epsilons: [-1] }),
    ).toMatch(/greater than or equal to 0/)
    expect(await failure(evaluateBottleneck, { encoder, decoder, data: examples(20), scale }, { sigma: 0 })).toMatch(
      /greater than 0/,
    )
  })
  it("a share of noise above 1", async () => {
    expect(await failure(grossNoise, { data: data() }, { share: 1.1 })).toMatch(/between 0 and 1/)
    expect(await failure(grossNoise, { data: data() }, { size: -1 })).toMatch(/greater than or equal to 0/)
  })
})
