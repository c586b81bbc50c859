import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { type Tensor, tf } from "../../src/index.ts"
import { many, number, property } from "./property.ts"
import { raw } from "./raw.ts"

/** In float64, of which the result is rounded: that is right for one operation, and twice for a squared difference. */
const functions = {
  add: [tf.add, (a, b) => a + b],
  subtract: [tf.sub, (a, b) => a - b],
  multiply: [tf.mul, (a, b) => a * b],
  divide: [tf.div, (a, b) => a / b],
  squaredDifference: [tf.squaredDifference, (a, b) => Math.fround(a - b) ** 2],
  maximum: [tf.maximum, Math.max],
  minimum: [tf.minimum, Math.min],
} as const satisfies { [name: string]: readonly [(a: Tensor, b: Tensor) => Tensor, (a: number, b: number) => number] }
type Name = keyof typeof functions
const name = fc.constantFrom(...(Object.keys(functions) as ReadonlyArray<Name>))

const values = (n: number) => fc.array(number("any"), { minLength: n, maxLength: n })
/** The zeros are one. */
const plain = (all: ArrayLike<number>) => Array.from(all, (x) => Math.fround(x) + 0)
const sizeOf = (shape: ReadonlyArray<number>) => shape.reduce((size, n) => size * n, 1)

/** The number of an operand that belongs to the i-th of the result. */
const placeIn = (shape: ReadonlyArray<number>, whole: ReadonlyArray<number>, i: number): number => {
  let place = 0
  let stride = 1
  let rest = i
  for (let axis = 1; axis <= shape.length; axis++) {
    const index = rest % whole.at(-axis)!
    rest = Math.floor(rest / whole.at(-axis)!)
    if (shape.at(-axis)! > 1) place += index * stride
    stride *= shape.at(-axis)!
  }
  return place
}

describe("one operation on two numbers", () => {
  const axis = fc.record({
    length: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom(0, 16, 33)),
    has: fc.constantFrom("both", "both", "a", "b"),
  })
  const cases = fc
    .record({
      name,
      axes: fc.array(axis, { maxLength: 6 }).filter((axes) => sizeOf(axes.map(({ length }) => length)) < 3000),
      short: fc.constantFrom("a", "b", "none"),
    })
    .chain((one) => {
      const { axes, short } = one
      const whole = axes.map(({ length }) => length)
      const shapeOf = (which: "a" | "b") => {
        const shape = axes.map(({ length, has }) => (has === "both" || has === which ? length : 1))
        // The first axes may be left out as well.
        return short === which ? shape.slice(shape.findIndex((n) => n !== 1) >>> 0) : shape
      }
      const [a, b] = [shapeOf("a"), shapeOf("b")]
      return fc.record({ a: values(sizeOf(a)), b: values(sizeOf(b)) }).map((given) => ({
        ...one,
        whole,
        shapes: { a, b },
        given,
      }))
    })

  it(
    "whatever is repeated",
    many,
    property(cases, async ({ name, whole, shapes, given }) => {
      const [f, exact] = functions[name]
      const out = tf.tidy(() => f(tf.tensor(given.a, shapes.a), tf.tensor(given.b, shapes.b)))
      expect(out.shape).toEqual(whole)
      const wanted = Array.from({ length: sizeOf(whole) }, (_, i) =>
        exact(given.a[placeIn(shapes.a, whole, i)]!, given.b[placeIn(shapes.b, whole, i)]!),
      )
      expect(plain(await out.data())).toEqual(plain(wanted))
      out.dispose()
    }),
  )

  const small = fc.integer({ min: 0, max: 5 })
  const sizes = fc.tuple(small, small, fc.integer({ min: 0, max: 19 }))
  const bits = fc.constantFrom([7, 7], [7, 0], [7, 1], [7, 2], [7, 3], [7, 4], [7, 5], [7, 6], [6, 1], [2, 5], [3, 4])
  const atAddresses = fc.record({ name, sizes, bits, swapped: fc.boolean() }).chain((one) => {
    const has = one.swapped ? one.bits.toReversed() : one.bits
    const shapes = has.map((bits) => one.sizes.map((n, i) => ((bits >> (2 - i)) & 1 ? n : 1)))
    return fc
      .tuple(values(sizeOf(shapes[0]!)), values(sizeOf(shapes[1]!)))
      .map(([a, b]) => ({ ...one, has, shapes, a: Float32Array.from(a), b: Float32Array.from(b) }))
  })
  it(
    "at any address",
    many,
    property(atAddresses, async ({ name, sizes, has, shapes, a, b }) => {
      const { y } = raw(name, { a, b, y: sizeOf(sizes) }, ["y"], (at) => [
        at["a"]!,
        has[0],
        at["b"]!,
        has[1],
        at["y"]!,
        ...sizes,
      ])
      const wanted = Array.from({ length: sizeOf(sizes) }, (_, i) =>
        functions[name][1](a[placeIn(shapes[0]!, sizes, i)]!, b[placeIn(shapes[1]!, sizes, i)]!),
      )
      expect(plain(y!)).toEqual(plain(wanted))
    }),
  )
})
