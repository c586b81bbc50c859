import { Effect } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { adamStep, tf } from "../../src/index.ts"
import { type AdamInputs, composedAdam } from "../../src/op/adam.ts"
import { on } from "../on.ts"
import { many, number, property, size } from "./property.ts"
import { raw } from "./raw.ts"

const rates = { beta1: 0.9, beta2: 0.999 }
const names = ["weight", "mean", "square", "gradient"] as const

const cases = fc.record({
  rows: fc.oneof(fc.constant(0), size(40)).chain((n) => {
    const row = fc.array(number("any"), { minLength: n, maxLength: n })
    return fc.tuple(row, row, fc.array(fc.float({ min: 0, noNaN: true }), { minLength: n, maxLength: n }), row)
  }),
  rate: fc.float({ min: 0, max: 1 }),
  epsilon: fc.constantFrom(0, 1e-8, 1e-3),
  decay: fc.option(fc.float({ min: 0, max: 1 }), { nil: undefined }),
})
type Case = typeof cases extends fc.Arbitrary<infer One> ? One : never

type Three = [Float32Array, Float32Array, Float32Array]
type Four = [...Three, Float32Array]

const given = ({ rows, rate, epsilon, decay }: Case): AdamInputs => {
  const [weight, mean, square, gradient] = rows.map((row) => tf.tensor1d(row)) as [
    tf.Tensor,
    tf.Tensor,
    tf.Tensor,
    tf.Tensor,
  ]
  const scalars = { rate: tf.scalar(rate), epsilon: tf.scalar(epsilon) }
  return { weight, mean, square, gradient, ...scalars, ...(decay === undefined ? {} : { decay: tf.scalar(decay) }) }
}
const values = async (tensors: ReadonlyArray<tf.Tensor>) => {
  const all = await Promise.all(tensors.map((tensor) => tensor.data<"float32">()))
  tf.dispose([...tensors])
  return all
}
const parts = (step: typeof adamStep, one: Case) =>
  values(
    tf.tidy(() => {
      const { weight, mean, square } = step(given(one), rates)
      return [weight, mean, square]
    }),
  )

describe("a step of Adam", () => {
  it(
    "has the bits of its formula",
    many,
    property(cases, async (one) => {
      expect(await parts(adamStep, one)).toEqual(await parts(composedAdam, one))
    }),
  )

  it(
    "has them where it writes over what it read, at any address",
    many,
    property(cases, async (one) => {
      const [weight, mean, square, gradient] = one.rows.map((row) => Float32Array.from(row)) as Four
      const [rate, epsilon, decay] = [one.rate, one.epsilon, one.decay ?? 1].map((value) =>
        Float32Array.of(value),
      ) as Three
      const { beta1, beta2 } = rates
      const found = raw(
        "adam",
        { weight, mean, square, gradient, rate, epsilon, decay },
        ["weight", "mean", "square"],
        (at) => [
          at["weight"]!,
          at["mean"]!,
          at["square"]!,
          at["gradient"]!,
          at["rate"]!,
          at["epsilon"]!,
          at["decay"]!,
          beta1,
          1 - beta1,
          beta2,
          1 - beta2,
          at["weight"]!,
          at["mean"]!,
          at["square"]!,
          weight.length,
        ],
      )
      expect([found["weight"], found["mean"], found["square"]]).toEqual(await parts(composedAdam, one))
    }),
  )

  it("refuses tensors of other shapes", () =>
    on.wasm(
      Effect.sync(() =>
        tf.tidy(() => {
          const ones = () => tf.ones([2])
          const scalars = { rate: tf.scalar(1), epsilon: tf.scalar(1) }
          const inputs = { weight: ones(), mean: ones(), square: ones(), gradient: ones(), ...scalars }
          for (const name of names)
            expect(() => adamStep({ ...inputs, [name]: tf.ones([3]) }, rates)).toThrow("Adam: Shapes")
          expect(() => adamStep({ ...inputs, rate: ones() }, rates)).toThrow("scalars for rate")
        }),
      ),
    ))
})
