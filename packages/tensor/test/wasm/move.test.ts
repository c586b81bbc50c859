import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { type Tensor, tf } from "../../src/index.ts"
import { many, once, property } from "./property.ts"

const sizeOf = (shape: ReadonlyArray<number>) => shape.reduce((n, d) => n * d, 1)
/** Numbers in order, so that each says where it was. */
const counted = (shape: ReadonlyArray<number>, dtype: "float32" | "int32", from = 0) =>
  tf.tensor(
    Array.from({ length: sizeOf(shape) }, (_, i) => from + i),
    [...shape],
    dtype,
  )
const dtypes = fc.constantFrom("float32", "int32")
const sides = fc.array(fc.oneof(fc.integer({ min: 1, max: 7 }), fc.constantFrom(1, 33)), { minLength: 1, maxLength: 6 })
const shapes = sides.filter((shape) => sizeOf(shape) <= 3000)

const read = async (tensors: ReadonlyArray<Tensor>) => {
  const all = await Promise.all(tensors.map(async (t) => ({ shape: t.shape, values: [...(await t.data())] })))
  tf.dispose([...tensors])
  return all
}

/** Numbers of a part, from where each is in the whole. */
const partOf = (shape: ReadonlyArray<number>, begin: ReadonlyArray<number>, size: ReadonlyArray<number>) =>
  Array.from({ length: sizeOf(size) }, (_, i) => {
    let [rest, place, step] = [i, 0, 1]
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      place += (begin[axis]! + (rest % size[axis]!)) * step
      rest = Math.floor(rest / size[axis]!)
      step *= shape[axis]!
    }
    return place
  })

describe("parts of tensors on wasm", () => {
  const slices = fc
    .tuple(shapes, fc.array(fc.tuple(fc.nat(), fc.nat()), { minLength: 6, maxLength: 6 }), dtypes)
    .map(([shape, draws, dtype]) => {
      const begin = shape.map((n, axis) => draws[axis]![0] % n)
      return { shape, dtype, begin, size: shape.map((n, axis) => draws[axis]![1] % (n - begin[axis]! + 1)) }
    })
  it(
    "are cut out",
    many,
    property(slices, async ({ shape, dtype, begin, size }) => {
      const [found] = await read([tf.tidy(() => tf.slice(counted(shape, dtype), begin, size))])
      expect(found).toEqual({ shape: size, values: partOf(shape, begin, size) })
    }),
  )

  const cuts = fc
    .tuple(shapes, fc.nat(), fc.array(fc.nat(), { maxLength: 3 }), dtypes)
    .map(([shape, along, at, dtype]) => {
      const axis = along % shape.length
      const ends = [...at.map((n) => n % (shape[axis]! + 1)).toSorted((a, b) => a - b), shape[axis]!]
      return { shape, axis, dtype, sizes: ends.map((end, i) => end - (ends[i - 1] ?? 0)) }
    })
  it(
    "are split along an axis, and joined again",
    many,
    property(cuts, async ({ shape, axis, dtype, sizes }) => {
      const made = tf.tidy(() => {
        const parts = tf.split(counted(shape, dtype), sizes, axis)
        return [...parts, tf.concat(parts, axis)]
      })
      const found = await read(made)
      let first = 0
      const wanted = sizes.map((n) => {
        const begin = shape.map((_, i) => (i === axis ? first : 0))
        first += n
        const size = shape.with(axis, n)
        return { shape: size, values: partOf(shape, begin, size) }
      })
      expect(found).toEqual([...wanted, { shape, values: Array.from({ length: sizeOf(shape) }, (_, i) => i) }])
    }),
  )

  it(
    "are refused where they lie outside",
    once(async () => {
      const x = tf.zeros([2, 3])
      expect(() => tf.slice(x, [1, 1], [2, 1])).toThrow(/slice2?|begin/)
      x.dispose()
    }),
  )
})
