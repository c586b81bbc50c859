/** Divergences between sets of points: laws, figures, and both interpreters against each other. */
import { type Tensor, tf } from "@relent/tensor"
import { forbidPromotion, testBackend } from "@relent/tensor/testing"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  betweenGaussians,
  betweenPoints,
  Divergence,
  type KernelDivergence,
  kernelDivergences,
  unbiasedMmd,
} from "../src/index.ts"
import { float64 } from "../src/float64.ts"
import { logMeanKernel } from "../src/kernel.ts"
import * as tensor from "../src/tensor/index.ts"
import { differences } from "./differences.ts"
import { atMost, close } from "./distributions.ts"
import { backends, read } from "./read.ts"

forbidPromotion()
const { "cauchy-schwarz": cauchySchwarz, mmd } = kernelDivergences
const all = Object.entries(kernelDivergences)

/** Points of a set, each a row. */
type Set = ReadonlyArray<ReadonlyArray<number>>
const points = (rows: Set) => ({ values: rows.flat(), dimension: rows[0]!.length })
const between = (d: KernelDivergence, target: Set, model: Set, sigma = 1) =>
  betweenPoints(d, points(target), points(model), sigma)

const coordinate = fc.integer({ min: -300, max: 300 }).map((x) => x / 100)
const set = (size: number) =>
  fc.array(fc.array(coordinate, { minLength: 2, maxLength: 2 }), { minLength: size, maxLength: size })
const sets = (count: number) =>
  fc.integer({ min: 1, max: 5 }).chain((size) => fc.array(set(size), { minLength: count, maxLength: count }))
const union = (...parts: ReadonlyArray<Set>): Set => parts.flat()
const product = (x: Set, y: Set): Set => x.flatMap((a) => y.map((b) => [...a, ...b]))

interface Law {
  readonly sets: number
  readonly holds: (d: KernelDivergence, sets: ReadonlyArray<Set>) => boolean
  readonly examples: ReadonlyArray<ReadonlyArray<Set>>
}
const far: Set = [[100, 0]]
const origin: Set = [[0, 0]]
const spread: Set = [2, 3, 4, 5, 6, 7].map((i) => [100 * i, 0])
const laws: { readonly [name in keyof KernelDivergence["laws"]]-?: Law } = {
  symmetric: { sets: 2, holds: (d, [p, q]) => close(between(d, p!, q!), between(d, q!, p!)), examples: [] },
  // twice as far apart is a channel, and seen better at the same width
  dataProcessing: {
    sets: 2,
    holds: (d, [p, q]) => {
      const twice = (x: Set) => x.map((row) => row.map((v) => 2 * v))
      return atMost(between(d, twice(p!), twice(q!)), between(d, p!, q!))
    },
    examples: [[origin, [[1, 0]]]],
  },
  jointlyConvex: {
    sets: 4,
    holds: (d, [p, q, r, s]) =>
      atMost(between(d, union(p!, r!), union(q!, s!)), (between(d, p!, q!) + between(d, r!, s!)) / 2),
    // two equal sets of far points, and one point against itself and another: the spread ones weigh next to nothing
    examples: [[spread, spread, spread.map(() => origin[0]!), spread.map((_, i) => (i % 2 ? origin : far)[0]!)]],
  },
  bounded: {
    sets: 2,
    holds: (d, [p, q]) => atMost(between(d, p!, q!), d.laws.bounded === false ? 100 : d.laws.bounded),
    examples: [[origin, far]],
  },
  additive: {
    sets: 4,
    holds: (d, [p, q, r, s]) =>
      close(between(d, product(p!, r!), product(q!, s!)), between(d, p!, q!) + between(d, r!, s!)),
    examples: [[origin, [[1, 0]], origin, [[1, 0]]]],
  },
  triangle: {
    sets: 3,
    holds: (d, [p, q, r]) => {
      const root = d.laws.triangle || 0.5
      return atMost(between(d, p!, r!) ** root, between(d, p!, q!) ** root + between(d, q!, r!) ** root)
    },
    examples: [[origin, union(origin, far), far]],
  },
}

/** True, or an error that shows the smallest sets that break the law. */
const holdsAlways = (d: KernelDivergence, { sets: count, holds }: Law): true => {
  fc.assert(
    fc.property(sets(count), (given) => holds(d, given)),
    { numRuns: 60 },
  )
  return true
}

describe.each(all)("%s", (_, d) => {
  it.each(Object.entries(laws))("keeps its word: %s", (name, law) => {
    const isDenied = d.laws[name as keyof typeof laws] === false
    const isBroken = isDenied ? law.examples.some((example) => !law.holds(d, example)) : !holdsAlways(d, law)
    expect(isBroken).toBe(isDenied)
  })
  it("reaches its bound, or passes any", () => {
    expect(between(d, origin, far)).toBeCloseTo(d.laws.bounded === false ? 1e4 : d.laws.bounded, 12)
  })
  it("is never below 0, before rounding is cut off", () => {
    fc.assert(
      fc.property(set(3), set(7), fc.constantFrom(0.1, 1, 10), (p, q, sigma) => {
        const log = (x: Set, y: Set) => logMeanKernel(points(x), points(y), sigma)
        return (d.of(log(p, p), log(q, q), log(p, q), float64) as number) > -1e-12
      }),
      { numRuns: 200 },
    )
  })
  it("is 0 for equal sets alone: in another order and written twice, but not for one point moved", () => {
    fc.assert(
      fc.property(set(4), (p) => {
        const moved = p.with(0, [p[0]![0]! + 1, p[0]![1]!])
        return between(d, p, union(p.toReversed(), p)) < 1e-12 && between(d, p, moved) > 1e-6
      }),
      { numRuns: 100 },
    )
  })
  it("knows distances alone: shifted, turned, and scaled with sigma it is the same", () => {
    const [p, q] = [union(origin, [[1, 2]]), union(origin, [[-1, 0.5]])]
    const value = between(d, p, q)
    const move = (x: Set) => x.map(([a, b]) => [1000 - 3 * b!, 3 * a! - 500])
    expect(between(d, move(p), move(q), 3)).toBeCloseTo(value, 10)
  })

  const sigma = 1.5
  const target = [
    [0.3, -1, 2],
    [1.1, 0, 0.4],
    [-0.7, 0.2, 1],
    [0, 0, 0],
  ]
  const model = [
    [0.5, 0.5, 0.5],
    [-2, 1, 0],
    [3, 0.1, -1],
  ]
  const rows = (flat: ReadonlyArray<number>): Set =>
    [0, 3, 6, 9].filter((i) => i < flat.length).map((i) => flat.slice(i, i + 3))
  const exact = {
    value: between(d, target, model, sigma),
    byTarget: differences(target.flat(), (x) => between(d, rows(x), model, sigma)),
    byModel: differences(model.flat(), (x) => between(d, target, rows(x), sigma)),
  }
  /** Of pairs of sets on a leading axis. */
  const onTensors = (
    layer: (typeof backends)[number][1],
    t: ReadonlyArray<Set>,
    m: ReadonlyArray<Set>,
    width = sigma,
  ) =>
    read(layer, () => {
      const given = [t, m].map((x) => tf.tensor(x as Array<Array<Array<number>>>))
      const loss = (x: Tensor, y: Tensor) => tensor.betweenPoints(d, x, y, width)
      const [byTarget, byModel] = tf.grads(loss)(given)
      return { value: loss(given[0]!, given[1]!), byTarget: byTarget!, byModel: byModel! }
    })
  it.each(backends)(
    "on %s, members on a leading axis: value and gradients agree with float64",
    async (_, layer) => {
      const shifted = (x: Set) => x.map((row) => row.map((v) => v + 100))
      const result = await onTensors(layer, [target, shifted(target)], [model, shifted(model)])
      const near = (found: ReadonlyArray<number>, wanted: ReadonlyArray<number>, tolerance: number) =>
        expect(Math.max(...found.map((v, i) => Math.abs(v - wanted[i]!)))).toBeLessThan(tolerance)
      near(result.value.slice(0, 1), [exact.value], 1e-6)
      near(result.byTarget.slice(0, 12), exact.byTarget, 1e-6)
      near(result.byModel.slice(0, 9), exact.byModel, 1e-6)
      // a hundred widths from the origin float32 has rounded the points themselves
      near(result.value.slice(1), [exact.value], 2e-5)
      near(result.byTarget.slice(12), exact.byTarget, 2e-5)
      near(result.byModel.slice(9), exact.byModel, 2e-5)
    },
    20_000,
  )
  it("has a second derivative that agrees with float64", async () => {
    const direction = model.flat().map((_, i) => Math.sin(i + 1))
    const { found } = await read(testBackend, () => {
      const along = tf.tensor(direction, [3, 3])
      const slope = (y: Tensor) =>
        tf.sum(tf.mul(tf.grad((y: Tensor) => tensor.betweenPoints(d, tf.tensor(target), y, sigma))(y), along))
      return { found: tf.grad(slope)(tf.tensor(model)) }
    })
    const step = 1e-3
    const slope = (x: ReadonlyArray<number>) => {
      const [up, down] = [step, -step].map((by) => x.map((v, i) => v + by * direction[i]!))
      return (between(d, target, rows(up!), sigma) - between(d, target, rows(down!), sigma)) / (2 * step)
    }
    const wanted = differences(model.flat(), slope, step)
    expect(Math.max(...found.map((v, i) => Math.abs(v - wanted[i]!)))).toBeLessThan(2e-6)
  })
  it("far apart, where every K is 0 in float32", async () => {
    const result = await onTensors(backends[0][1], [[[0, 0]]], [[[300, 400]]], 1)
    const [value, slope] = d === cauchySchwarz ? [250_000, [600, 800]] : [2, [0, 0]]
    expect(between(d, origin, [[300, 400]])).toBeCloseTo(value, 9)
    expect(result.value[0]).toBeCloseTo(value, 1)
    result.byModel.forEach((g, i) => expect(g).toBeCloseTo(slope[i]!, 3))
  })
})

describe("known figures", () => {
  it("Cauchy–Schwarz of single points is that of Gaussians of half the variance", () => {
    const at = (mean: ReadonlyArray<number>) => ({ mean, variance: mean.map(() => 0.5 * 1.5 ** 2) })
    const [x, y] = [
      [1, 2],
      [-0.5, 0],
    ]
    const gaussians = betweenGaussians(Divergence.cauchySchwarz, at(x), at(y))
    expect(between(cauchySchwarz, [x], [y], 1.5)).toBeCloseTo(gaussians, 12)
    expect(gaussians).toBeCloseTo(6.25 / 1.5 ** 2, 12)
  })
  it("three points in one dimension, by hand", () => {
    const [x, y] = [
      [0, 1, 3],
      [0, 0.5, 2],
    ]
    const mean = (a: ReadonlyArray<number>, b: ReadonlyArray<number>) =>
      a.flatMap((p) => b.map((q) => Math.exp(-((p - q) ** 2) / 2))).reduce((s, k) => s + k, 0) / 9
    const [tt, mm, tm] = [mean(x, x), mean(y, y), mean(x, y)]
    const [p, q] = [x, y].map((values) => ({ values, dimension: 1 }))
    expect(betweenPoints(cauchySchwarz, p!, q!, 1)).toBeCloseTo(Math.log(tt) + Math.log(mm) - 2 * Math.log(tm), 12)
    expect(betweenPoints(mmd, p!, q!, 1)).toBeCloseTo(tt + mm - 2 * tm, 12)
  })
})

it.each<[string, () => unknown]>([
  ["sigma: a width is a finite number above 0, not 0", () => between(mmd, origin, far, 0)],
  ["sigma: a width is a finite number above 0, not NaN", () => between(mmd, origin, far, Number.NaN)],
  ["target: there are no points", () => betweenPoints(mmd, { values: [], dimension: 2 }, points(far), 1)],
  [
    "target: 3 numbers are no whole points of dimension 2",
    () => betweenPoints(mmd, { values: [1, 2, 3], dimension: 2 }, points(far), 1),
  ],
  ["model: point 1 has the coordinate NaN", () => between(mmd, origin, union(origin, [[0, Number.NaN]]))],
  ["model: its points have dimension 3, the target's 2", () => between(mmd, origin, [[1, 2, 3]])],
])("refuses: %s", (message, compute) => {
  expect(compute).toThrow(message)
})

describe("the unbiased estimate of mmd", () => {
  const line = (...values: ReadonlyArray<number>) => ({ values, dimension: 1 })
  it("is the card's, beside the biased one", () => {
    expect(betweenPoints(mmd, line(0, 1), line(0.5, 2), 1)).toBeCloseTo(0.21216169, 8)
    expect(unbiasedMmd(line(0, 1), line(0.5, 2), 1)).toBeCloseTo(-0.32224675, 8)
  })
  it("needs pairs", () => {
    expect(() => unbiasedMmd(line(0), line(1, 2), 1)).toThrow("target: one point has no pair")
    expect(() => unbiasedMmd(line(0, 1), line(2), 1)).toThrow("model: one point has no pair")
    expect(() => unbiasedMmd(line(0, 1), line(2, 3), 0)).toThrow("a width is a finite number above 0")
  })
})
