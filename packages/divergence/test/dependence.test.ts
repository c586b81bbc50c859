/** Dependence and conditional divergences: figures, laws, and both interpreters against each other. */
import { type Tensor, tf } from "@relent/tensor"
import { forbidPromotion, testBackend } from "@relent/tensor/testing"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { bandwidth, betweenConditionals, dependence, kernelDivergences, normalisedDependence } from "../src/index.ts"
import * as tensor from "../src/tensor/index.ts"
import { differences } from "./differences.ts"
import { read } from "./read.ts"

forbidPromotion()
const { "cauchy-schwarz": cauchySchwarz, mmd } = kernelDivergences
const all = Object.entries(kernelDivergences)

type Values = ReadonlyArray<number>
const points = (values: Values, dimension = 1) => ({ values, dimension })
const seen = (values: Values, dimension = 1, sigma = 1) => ({ points: points(values, dimension), sigma })

const x = [0, 1, 3]
const y = [0, 0.5, 2]
const predicted = [0.1, 0.7, 1.5]
const t = [0, 1, 1, 1, 2, -1]

const coordinate = fc.integer({ min: -300, max: 300 }).map((v) => v / 100)
const batch = (sizes: { readonly min: number; readonly max: number }) =>
  fc.integer(sizes).chain((n) =>
    fc.record({
      x: fc.array(coordinate, { minLength: 2 * n, maxLength: 2 * n }),
      t: fc.array(coordinate, { minLength: n, maxLength: n }),
      u: fc.array(coordinate, { minLength: n, maxLength: n }),
    }),
  )

describe("figures of the card", () => {
  it("conditional Cauchy–Schwarz, by both denominators", () => {
    const at = (denominator?: "official") =>
      betweenConditionals(
        cauchySchwarz,
        { ...seen(x), ...(denominator && { denominator }) },
        seen(y),
        points(predicted),
      )
    expect(at()).toBeCloseTo(0.09994001, 8)
    expect(at() / Math.LN2).toBeCloseTo(0.14418295, 8)
    expect(at("official")).toBeCloseTo(0.0841148, 8)
    expect(at("official") / Math.LN2).toBeCloseTo(0.121352, 8)
  })
  it("of far x it is the correntropy loss, -2 log mean exp(-(y' - y)^2 / 2)", () => {
    for (const denominator of ["sum-squared", "official"] as const)
      expect(
        betweenConditionals(cauchySchwarz, { ...seen([0, 100, 300]), denominator }, seen(y), points(predicted)),
      ).toBeCloseTo(0.09718473, 8)
  })
  it("a tiny batch whose rows weigh unlike goes below 0", () => {
    const at = (denominator: "sum-squared" | "official") =>
      betweenConditionals(
        cauchySchwarz,
        { ...seen([0.2, 0, -0.8]), denominator },
        seen([1.4, 1.3, 0.4]),
        points([1.1, 1.6, 0.5]),
      )
    expect(at("sum-squared")).toBeCloseTo(-0.00356632, 8)
    expect(at("official")).toBeCloseTo(-0.00294321, 8)
  })
  it("quadratic mutual information", () => {
    expect(dependence(cauchySchwarz, seen(x), seen(t, 2))).toBeCloseTo(0.4711062, 8)
    expect(dependence(cauchySchwarz, seen(x), seen(x))).toBeCloseTo(0.45672203, 8)
    expect(dependence(cauchySchwarz, seen(t, 2), seen(t, 2))).toBeCloseTo(0.48629078, 8)
    expect(normalisedDependence(cauchySchwarz, seen(x), seen(t, 2))).toBeCloseTo(0.99964276, 8)
  })
  it("HSIC is tr(K H L H) / n^2", () => {
    const gram = (values: Values, d: number) =>
      x.map((_, i) =>
        x.map((_, j) => {
          const square = Array.from({ length: d }, (_, k) => (values[i * d + k]! - values[j * d + k]!) ** 2)
          return Math.exp(-square.reduce((a, b) => a + b, 0) / 2)
        }),
      )
    const centred = (k: ReadonlyArray<Values>) => {
      const rows = k.map((row) => row.reduce((a, b) => a + b, 0) / 3)
      const mean = rows.reduce((a, b) => a + b, 0) / 3
      return k.map((row, i) => row.map((v, j) => v - rows[i]! - rows[j]! + mean))
    }
    const [k, l] = [centred(gram(x, 1)), centred(gram(t, 2))]
    const trace = k.reduce((sum, row, i) => sum + row.reduce((s, v, j) => s + v * l[i]![j]!, 0), 0)
    expect(dependence(mmd, seen(x), seen(t, 2))).toBeCloseTo(trace / 9, 12)
  })
})

describe.each(all)("%s", (_, d) => {
  it("dependence: 0 or more, 0 of what doesn't vary, the same in any order and whichever comes first", () => {
    fc.assert(
      fc.property(batch({ min: 2, max: 7 }), ({ x, t }) => {
        const value = dependence(d, seen(x, 2), seen(t))
        const turned = dependence(d, seen(t.toReversed()), seen(x.toReversed(), 2))
        const still = dependence(d, seen(x, 2), seen(t.map(() => 1)))
        return value >= 0 && Math.abs(value - turned) < 1e-12 && still === 0
      }),
      { numRuns: 100 },
    )
    expect(dependence(d, seen(x), seen(x))).toBeGreaterThan(0.01)
  })
  it("conditionals: 0 where the model is the target; the same in any order", () => {
    fc.assert(
      fc.property(batch({ min: 2, max: 7 }), ({ x, t, u }) => {
        const own = betweenConditionals(d, seen(x, 2), seen(t), points(t))
        const value = betweenConditionals(d, seen(x, 2), seen(t), points(u))
        const [a, b, c] = [x.toReversed(), t.toReversed(), u.toReversed()]
        const turned = betweenConditionals(d, seen(a, 2), seen(b), points(c))
        return Math.abs(own) < 1e-12 && (x.length > 4 || value > -1e-12) && Math.abs(value - turned) < 1e-10
      }),
      { numRuns: 100 },
    )
  })

  const conditional = (model: Values) => betweenConditionals(d, seen(x), seen(y), points(model))
  const bottleneck = (values: Values) => normalisedDependence(d, seen(x, 1, 0.7), seen(values, 2, 1.3))
  it("on tensors, members on a leading axis: value and gradients agree with float64", async () => {
    const of = (values: Values, dimension: number) =>
      tf.tensor([...values, ...values.map((v) => v + 50)], [2, values.length / dimension, dimension])
    const found = await read(testBackend, () => {
      const lossOf = (model: Tensor) =>
        tensor.betweenConditionals(d, { points: of(x, 1), sigma: 1 }, { points: of(y, 1), sigma: 1 }, model)
      const tied = (values: Tensor) =>
        tensor.normalisedDependence(d, { points: of(x, 1), sigma: 0.7 }, { points: values, sigma: 1.3 })
      const [model, values] = [of(predicted, 1), of(t, 2)]
      return {
        loss: lossOf(model),
        byModel: tf.grad(lossOf)(model),
        tied: tied(values),
        byValues: tf.grad(tied)(values),
      }
    })
    const near = (row: Values, wanted: Values, tolerance: number) =>
      row.forEach((v, i) => expect(Math.abs(v - wanted[i % wanted.length]!)).toBeLessThan(tolerance))
    near(found.loss, [conditional(predicted)], 2e-5)
    near(found.byModel, differences(predicted, conditional), 2e-5)
    near(found.tied, [bottleneck(t)], 2e-5)
    near(found.byValues, differences(t, bottleneck), 2e-5)
  })
})

describe("on tensors", () => {
  it("a prediction where every kernel is 0 in float32 still has the gradient of the points' distance", async () => {
    const found = await read(testBackend, () => {
      const at = (...values: Array<number>) => tf.tensor2d(values, [values.length, 1])
      const [x, y] = [at(0, 100), at(0, 0)]
      const loss = (model: Tensor) =>
        tensor.betweenConditionals(cauchySchwarz, { points: x, sigma: 1 }, { points: y, sigma: 1 }, model)
      return { loss: loss(at(100, 100)), slope: tf.grad(loss)(at(100, 100)) }
    })
    // -2 log of mean exp(-100^2 / 2)
    expect(found.loss[0]).toBeCloseTo(10_000, 1)
    // logarithms near -5000 are 5e-4 apart in float32
    found.slope.forEach((g) => expect(Math.abs(g / 100 - 1)).toBeLessThan(1e-3))
  })
  it("what doesn't vary has no dependence, and a finite gradient", async () => {
    const found = await read(testBackend, () => {
      const x = { points: tf.tensor2d([0, 1, 3], [3, 1]), sigma: 1 }
      const tied = (values: Tensor) => tensor.normalisedDependence(cauchySchwarz, x, { points: values, sigma: 1 })
      return { value: tied(tf.ones([3, 2])), slope: tf.grad(tied)(tf.ones([3, 2])) }
    })
    expect(Math.abs(found.value[0]!)).toBeLessThan(0.2)
    expect(found.slope.every(Number.isFinite)).toBe(true)
  })
})

describe("widths", () => {
  it("by hand", () => {
    expect(bandwidth(0.3, points([]))).toBe(0.3)
    expect(bandwidth("median", points([0, 0, 3, 4], 2))).toBe(5)
    expect(bandwidth("median", points([0, 1, 3, 7]))).toBe(3.5) // of 1 2 3 4 6 7
    // (4 / (3 n))^(1/5) of deviation 1
    expect(bandwidth("silverman", points([-1, 0, 1]))).toBeCloseTo((4 / 9) ** 0.2, 12)
  })
})

it.each<[string, () => unknown]>([
  ["x: a Gram matrix needs two points", () => dependence(mmd, seen([1]), seen([1]))],
  ["t: there are 2 points, of what it is seen with 3", () => dependence(mmd, seen(x), seen([1, 2]))],
  ["t: point 1 has the coordinate NaN", () => dependence(mmd, seen(x), seen([1, Number.NaN, 2]))],
  ["sigma: a width is a finite number above 0, not 0", () => dependence(mmd, seen(x, 1, 0), seen(x))],
  ["sigma: a width", () => betweenConditionals(mmd, seen(x), seen(y, 1, -1), points(predicted))],
  [
    "model: its points have dimension 2, the target's 1",
    () => betweenConditionals(mmd, seen(x), seen(y), points(t, 2)),
  ],
  ["target: there are 2 points", () => betweenConditionals(mmd, seen(x), seen([1, 2]), points(predicted))],
  ["t doesn't vary", () => normalisedDependence(cauchySchwarz, seen(x), seen([2, 2, 2]))],
  ["x doesn't vary", () => normalisedDependence(cauchySchwarz, seen([2, 2, 2]), seen(x))],
  ["points: by the rule 'median' their kernel has the width 0", () => bandwidth("median", points([2, 2, 2]))],
  ["points: by the rule 'silverman' their kernel has the width 0", () => bandwidth("silverman", points([2]))],
])("refuses: %s", (message, compute) => {
  expect(compute).toThrow(message)
})
