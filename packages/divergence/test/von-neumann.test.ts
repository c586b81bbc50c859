/** The entropy of a covariance: known figures, laws, and both interpreters against each other. */
import { tf } from "@relent/tensor"
import { forbidPromotion, testBackend } from "@relent/tensor/testing"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { vonNeumann } from "../src/index.ts"
import * as tensor from "../src/tensor/index.ts"
import { differences } from "./differences.ts"
import { read } from "./read.ts"

forbidPromotion()
const rows = [
  [1, 0, 0],
  [0, 2, 0],
  [0, 0, 0.5],
  [1, 1, 1],
]
const of = (values: ReadonlyArray<number>, dimension = 3) => vonNeumann({ values, dimension })

const coordinate = fc.integer({ min: -300, max: 300 }).map((x) => x / 100)
const sets = fc
  .array(fc.array(coordinate, { minLength: 3, maxLength: 3 }), { minLength: 4, maxLength: 9 })
  .filter((set) => set.some((row) => row.some((v, i) => Math.abs(v - set[0]![i]!) > 0.1)))

describe("figures", () => {
  const found = of(rows.flat())
  it("the card's four points", () => {
    expect([...found.shares]).toEqual(
      [0.6531632, 0.2253521, 0.1214847].map((share) => expect.closeTo(share, 7) as number),
    )
    expect(found.entropy).toBeCloseTo(0.8700816, 8)
    expect(found.effectiveDimension).toBeCloseTo(2.38710563, 7)
  })
  it("the gradient is that of differences", () => {
    const wanted = differences(rows.flat(), (x) => of(x).entropy)
    found.gradient.forEach((g, i) => expect(Math.abs(g - wanted[i]!)).toBeLessThan(1e-8))
  })
  it("one direction has the entropy 0, all alike log d", () => {
    expect(of([1, 1, 1, 2, 2, 2, 5, 5, 5]).entropy).toBeCloseTo(0, 10)
    expect(of([1, 0, 0, -1, 0, 0, 0, 1, 0, 0, -1, 0, 0, 0, 1, 0, 0, -1]).entropy).toBeCloseTo(Math.log(3), 12)
  })
})

describe("laws", () => {
  it("at most log d; the same when turned, scaled or shifted", () => {
    fc.assert(
      fc.property(sets, fc.double({ min: 0.01, max: 100, noNaN: true }), (set, scale) => {
        const value = of(set.flat()).entropy
        const moved = set.flatMap(([a, b, c]) =>
          [0.6 * a! - 0.8 * b!, 0.8 * a! + 0.6 * b!, c!].map((v) => scale * v + 7),
        )
        return value >= 0 && value <= Math.log(3) + 1e-12 && Math.abs(of(moved).entropy - value) < 1e-6
      }),
      { numRuns: 200 },
    )
  })
})

describe("on tensors", () => {
  const both = (sets: ReadonlyArray<ReadonlyArray<number>>, n: number, d: number) =>
    read(testBackend, () => {
      const z = tf.tensor3d(sets.flat(), [sets.length, n, d])
      const [value, gradient] = [tensor.vonNeumann(z), tf.grad((x) => tensor.vonNeumann(x))(z)]
      return { value, gradient: gradient }
    })
  it("members on a leading axis: value and gradient agree with float64", async () => {
    const flat = rows.flat()
    const other = flat.map((v, i) => v + Math.sin(3 * i))
    const found = await both([flat, other], 4, 3)
    const exact = [flat, other].map((set) => of(set))
    exact.forEach(({ entropy }, i) => expect(Math.abs(found.value[i]! - entropy)).toBeLessThan(5e-6))
    exact
      .flatMap(({ gradient }) => [...gradient])
      .forEach((g, i) => expect(Math.abs(found.gradient[i]! - g)).toBeLessThan(1e-5))
  })
  it("eight dimensions, of sizes a thousand apart", async () => {
    const values = Array.from({ length: 20 * 8 }, (_, i) => 10 ** (-(i % 8) / 2.5) * Math.sin(1 + i * i))
    const found = await both([values], 20, 8)
    expect(Math.abs(found.value[0]! - of(values, 8).entropy)).toBeLessThan(1e-5)
  })
  it("points on a line, and points that are one", async () => {
    const line = Array.from({ length: 5 * 4 }, (_, i) => Math.floor(i / 4))
    const found = await both([line, line.map(() => 3)], 5, 4)
    expect(Math.abs(found.value[0]!)).toBeLessThan(1e-5)
    expect(found.value[1]).toBeCloseTo(0, 12)
    for (const g of found.gradient) expect(Math.abs(g)).toBeLessThan(1e-3)
  })
})

it.each<[string, () => unknown]>([
  ["5 points that don't differ have no entropy", () => of(Array.from({ length: 15 }, () => 0.1))],
  ["1 points that don't differ have no entropy", () => of([1, 2, 3])],
  ["points: there are no points", () => of([])],
  ["points: point 1 has the coordinate NaN", () => of([1, 2, 3, Number.NaN, 1, 2])],
])("refuses: %s", (message, compute) => {
  expect(compute).toThrow(message)
})
