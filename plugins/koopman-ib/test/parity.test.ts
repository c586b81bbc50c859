/** Operators as deeptime and scipy have them; tools/parity/koopman.py writes the numbers. */
import { vonNeumann } from "@relent/divergence"
import { describe, expect, it } from "vitest"
import { lift } from "../src/koopman/dictionary.ts"
import { eigenvaluesOf, ridgeOperator } from "../src/koopman/operator.ts"
import golden from "./golden/koopman.json" with { type: "json" }

const eigenvalues = (dictionary: Parameters<typeof lift>[0]) => {
  const of = (x: ReadonlyArray<number>) => lift(dictionary, new Float64Array(0), 2, Float64Array.from(x))
  const [before, after] = [of(golden.before), of(golden.after)]
  const operator = ridgeOperator({ before, after, dimension: before.length / 40 }, 1e-12)
  return eigenvaluesOf(Float64Array.from(operator.to1DArray()))
}
const same = (found: ReturnType<typeof eigenvalues>, wanted: ReadonlyArray<ReadonlyArray<number>>) => {
  expect(found).toHaveLength(wanted.length)
  found.forEach(({ real, imaginary }, i) => {
    expect(Math.abs(real - wanted[i]![0]!)).toBeLessThan(1e-6)
    expect(Math.abs(imaginary - wanted[i]![1]!)).toBeLessThan(1e-6)
  })
}

describe("eigenvalues", () => {
  it("of the state alone are those of deeptime's DMD", () => same(eigenvalues("linear"), golden.dmd))
  it.each([
    [2, golden.edmd2],
    [3, golden.edmd3],
  ])("of monomials up to degree %i are those of deeptime's EDMD", (degree, wanted) =>
    same(eigenvalues({ polynomial: { degree } }), wanted),
  )
})

it("the ridge operator is scipy's solution", () => {
  const rows = { before: Float64Array.from(golden.before), after: Float64Array.from(golden.after), dimension: 2 }
  ridgeOperator(rows, 0.1)
    .to1DArray()
    .forEach((v, i) => expect(v).toBeCloseTo(golden.ridge[i]!, 12))
})

it("the entropy of a covariance is that of scipy's eigenvalues", () => {
  expect(vonNeumann({ values: golden.after, dimension: 2 }).entropy).toBeCloseTo(golden.entropy, 12)
})
