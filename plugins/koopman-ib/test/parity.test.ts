/**
 * Operators as deeptime and scipy have them, losses of predictions as PyTorch has them; tools/parity/koopman.py and losses.py write the
 * numbers.
 */
import { vonNeumann } from "@relent/divergence"
import { type Tensor, tf } from "@relent/tensor"
import { relativeError } from "@relent/tensor/testing"
import { describe, expect, it } from "vitest"
import { huberLoss, mse, type Prediction } from "../src/bottleneck/prediction.ts"
import { lift } from "../src/koopman/dictionary.ts"
import { eigenvaluesOf, ridgeOperator } from "../src/koopman/operator.ts"
import golden from "./golden/koopman.json" with { type: "json" }
import losses from "./golden/losses.json" with { type: "json" }
import { read } from "./run.ts"

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

describe("losses of predictions are PyTorch's, with their gradients:", () => {
  const column = (seed: number, scale: number) =>
    tf.tensor3d(
      Float32Array.from({ length: 30 }, (_, k) => scale * Math.sin(1.7 * k + seed)),
      [1, 30, 1],
    )
  const none = { x: { values: [], dimension: 1 }, y: { values: [], dimension: 1 } }
  it.each<[keyof typeof losses, Prediction]>([
    ["mse", mse.value.make({})],
    ["huber delta 0.5", huberLoss({ delta: 0.5 })],
    ["huber delta 1.5", huberLoss({ delta: 1.5 })],
  ])("%s", async (name, loss) => {
    const [values, gradient] = await read(() => {
      const [predicted, y] = [column(0, 2), column(1, 3)]
      const of = (p: Tensor) => loss(none)({ x: y, y, predicted: p })
      return [of(predicted), tf.grad(of)(predicted)]
    })
    expect(relativeError(values!, losses[name].values)).toBeLessThan(2e-5)
    expect(relativeError(gradient!, losses[name].predicted)).toBeLessThan(2e-5)
  })
})
