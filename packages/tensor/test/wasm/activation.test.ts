import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { dense, type Tensor, tf } from "../../src/index.ts"
import { draws, many, number, property, size, ulps } from "./property.ts"
import { raw } from "./raw.ts"

/** Each with what its activation may have given. */
const slopes = {
  relu: [(dy: number, y: number) => (y <= 0 ? 0 : dy), number("any")],
  tanh: [(dy: number, y: number) => (1 - y * y) * dy, fc.float({ min: -1, max: 1 })],
  sigmoid: [(dy: number, y: number) => y * (1 - y) * dy, fc.float({ min: 0, max: 1 })],
} as const
const names = ["relu", "tanh", "sigmoid"] as const

/** A gradient of pairs of its two inputs. */
const slopesOf = (
  name: "reluGrad" | "tanhGrad" | "sigmoidGrad" | "siluGrad" | "geluGrad",
  pairs: ReadonlyArray<readonly [number, number]>,
) => {
  const [dy, x] = [Float32Array.from(pairs, ([dy]) => dy), Float32Array.from(pairs, ([, x]) => x)]
  return raw(name, { dy, x, found: dy.length }, ["found"], (at) => [at["dy"]!, at["x"]!, at["found"]!, dy.length])
}

describe("gradients of activations", () => {
  const cases = fc.constantFrom(...names).chain((name) => {
    const pairs = fc.array(fc.tuple(number("any"), slopes[name][1]), { maxLength: 40 })
    return pairs.map((pairs) => ({ name, pairs }))
  })
  it(
    "are right whatever the count and the addresses",
    many,
    property(cases, async ({ name, pairs }) => {
      const { found } = slopesOf(`${name}Grad`, pairs)
      const wrong = pairs.flatMap(([dy, y], i) => {
        const wanted = slopes[name][0](dy, y)
        return ulps(found![i]!, wanted) > 2 ? [{ name, dy, y, wanted, found: found![i] }] : []
      })
      expect(wrong).toEqual([])
    }),
  )

  const shapes = fc.record({
    name: fc.constantFrom(...names),
    shape: fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 4 }),
    seed: fc.nat(),
  })
  it(
    "of tensors of any shape",
    many,
    property(shapes, async ({ name, shape, seed }) => {
      const values = draws(
        seed,
        shape.reduce((n, d) => n * d, 1),
      )
      const [y, slope] = tf.tidy(() => {
        const f = (x: Tensor) => tf[name](x)
        const x = tf.tensor(values, shape)
        return [f(x), tf.grad(f)(x, tf.fill(shape, 2))]
      })
      const [given, found] = await Promise.all([y.data(), slope.data()])
      expect(slope.shape).toEqual(shape)
      for (const [i, at] of given.entries()) expect(ulps(found[i]!, slopes[name][0](2, at))).toBeLessThanOrEqual(2)
      tf.dispose([y, slope])
    }),
  )
})

describe("a dense layer's activation", () => {
  const layers = fc.record({
    name: fc.constantFrom(...names),
    members: fc.integer({ min: 1, max: 3 }),
    rows: size(20),
    depth: size(20),
    columns: size(20),
    seed: fc.nat(),
  })
  it(
    "is that of its sums",
    many,
    property(layers, async ({ name, members, rows, depth, columns, seed }) => {
      const [whole, parts] = tf.tidy(() => {
        const x = tf.tensor(draws(seed, members * rows * depth), [members, rows, depth])
        const weight = tf.tensor(draws(seed + 1, members * depth * columns), [members, depth, columns])
        const bias = tf.tensor(draws(seed + 2, members * columns), [members, 1, columns])
        return [dense(x, weight, bias, name), tf[name](dense(x, weight, bias))]
      })
      expect(await whole.data()).toEqual(await parts.data())
      tf.dispose([whole, parts])
    }),
  )
})

/** x s(v(x)): v and v'. */
const gates = {
  silu: [(x: number) => x, () => 1],
  gelu: [
    (x: number) => 2 * Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3),
    (x: number) => 2 * Math.sqrt(2 / Math.PI) * (1 + 3 * 0.044715 * x ** 2),
  ],
} as const
const logistic = (v: number) => 1 / (1 + Math.exp(-v))

describe("gated activations", () => {
  const cases = fc.record({
    name: fc.constantFrom("silu", "gelu"),
    // Not infinite: infinity times a slope that underflows has no one answer.
    pairs: fc.array(fc.tuple(fc.oneof(number("tame"), fc.constant(NaN)), number("any")), { maxLength: 40 }),
  })
  it(
    "are right whatever the count and the addresses, and their slopes",
    many,
    property(cases, async ({ name, pairs }) => {
      const count = pairs.length
      const { found: slopes } = slopesOf(`${name}Grad`, pairs)
      const given = Float32Array.from(pairs, ([, x]) => x)
      const { values } = raw(name, { x: given, values: count }, ["values"], ({ x, values }) => [x!, values!, count])
      const [argument, rise] = gates[name]
      const wrong = pairs.flatMap(([dy, x], i) => {
        const v = argument(x)
        // An error of v weighs |v|; what is below 1e-38 has fewer digits.
        const digits = 2 ** -22 * (2 + Math.min(Math.abs(v), 200))
        const close = (found: number, wanted: number, size: number, by: number) =>
          Object.is(found, Math.fround(wanted)) ||
          Math.abs(found - wanted) <= digits * size + 1e-42 * (1 + Math.abs(by))
        const value = x * logistic(v)
        const part = Math.abs(x) > 200 ? 0 : x * rise(x) * logistic(-v)
        const slope = dy * logistic(v) * (1 + part)
        const right =
          close(values![i]!, value, Math.abs(value), x) &&
          close(slopes![i]!, slope, Math.abs(dy) * logistic(v) * (1 + Math.abs(part)), dy)
        return right ? [] : [{ name, dy, x, value, slope, found: [values![i], slopes![i]] }]
      })
      expect(wrong).toEqual([])
    }),
  )
})
