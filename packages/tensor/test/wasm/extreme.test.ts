import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { tf } from "../../src/index.ts"
import { many, number, property } from "./property.ts"
import { raw } from "./raw.ts"

const functions = { maximum: [tf.maximum, Math.max], minimum: [tf.minimum, Math.min] } as const
const values = (n: number) => fc.array(number("any"), { minLength: n, maxLength: n })
const plain = (all: ArrayLike<number>) => Array.from(all, (x) => x + 0) // the zeros are one

describe("the larger and the smaller of two numbers", () => {
  const cases = fc
    .record({
      name: fc.constantFrom("maximum", "minimum"),
      rows: fc.integer({ min: 0, max: 5 }),
      width: fc.integer({ min: 0, max: 19 }),
      part: fc.constantFrom("same", "scalar", "scalar of two axes", "bias", "column"),
      swapped: fc.boolean(),
    })
    .chain((one) => {
      const { rows, width } = one
      const shapes = { same: [rows, width], scalar: [], "scalar of two axes": [1, 1], bias: [width], column: [rows, 1] }
      const shape = shapes[one.part]
      const sizes = fc.tuple(values(rows * width), values(shape.reduce((n, d) => n * d, 1)))
      return sizes.map(([whole, part]) => ({ ...one, shape, whole, values: part }))
    })

  it(
    "whatever is repeated",
    many,
    property(cases, async ({ name, rows, width, swapped, shape, whole, values }) => {
      const [f, exact] = functions[name]
      const out = tf.tidy(() => {
        const [a, b] = [tf.tensor(whole, [rows, width]), tf.tensor(values, shape)]
        return swapped ? f(b, a) : f(a, b)
      })
      expect(out.shape).toEqual([rows, width])
      const other = (i: number) => {
        if (values.length === 1) return values[0]!
        if (shape.at(-1) === 1) return values[Math.floor(i / width)]!
        return values[i % values.length]!
      }
      expect(plain(await out.data())).toEqual(plain(whole.map((x, i) => exact(x, other(i)))))
      out.dispose()
    }),
  )

  it(
    "at any address",
    many,
    property(cases, async ({ name, rows, width, whole, values, part }) => {
      const single = part === "column"
      const x = Float32Array.from(whole)
      const other = single ? Float32Array.from(values) : x.slice(0, width)
      const { y } = raw(name, { x, other, y: x.length }, ["y"], (at) => [
        at["x"]!,
        at["other"]!,
        at["y"]!,
        rows,
        width,
        single,
      ])
      const wanted = whole.map((v, i) => functions[name][1](v, other[single ? Math.floor(i / width) : i % width]!))
      expect(plain(y!)).toEqual(plain(wanted))
    }),
  )
})
