import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { embedding, tf } from "../../src/index.ts"
import { draws, many, once, property, size } from "./property.ts"
import { Sums } from "./windows.ts"

const sizeOf = (shape: ReadonlyArray<number>) => shape.reduce((n, d) => n * d, 1)

const cases = fc
  .record({
    before: fc.array(size(5), { maxLength: 2 }),
    rows: size(9),
    after: fc.array(size(20), { maxLength: 2 }),
    ids: fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 2 }),
    seed: fc.nat(),
  })
  .filter(({ before, rows, after, ids }) => sizeOf([...before, rows, ...after]) * sizeOf(ids) <= 20_000)

const numbered = (ids: Int32Array, shape: Array<number>) =>
  tf.reshape<tf.Rank.R1>(tf.tensor1d(ids, "int32"), shape as [number])
/** Whole numbers from `least` to below `most`. */
const whole = (seed: number, count: number, least: number, most: number) =>
  Int32Array.from(draws(seed, count, least, most), Math.floor)

describe("rows by number on wasm", () => {
  it(
    "are found along any axis",
    many,
    property(cases, async ({ before, rows, after, ids: shape, seed }) => {
      const values = draws(seed, sizeOf([...before, rows, ...after]))
      const ids = whole(seed + 1, sizeOf(shape), 0, rows)
      const y = tf.tidy(() =>
        tf.gather(tf.tensor(values, [...before, rows, ...after]), numbered(ids, shape), before.length),
      )
      const [found, made] = [[...(await y.data())], y.shape]
      y.dispose()
      expect(made).toEqual([...before, ...shape, ...after])
      const width = sizeOf(after)
      const wanted = Array.from({ length: sizeOf(before) }, (_, outer) =>
        [...ids].map((id) => [...values.subarray((outer * rows + id) * width, (outer * rows + id + 1) * width)]),
      )
      expect(found).toEqual(wanted.flat(2))
    }),
  )

  it(
    "are added up, those outside left out",
    many,
    property(cases, async ({ rows, after, ids: shape, seed }) => {
      const [count, width] = [sizeOf(shape), sizeOf(after)]
      const values = draws(seed, count * width)
      const ids = whole(seed + 1, count, -1, rows + 1)
      const y = tf.tidy(() =>
        tf.unsortedSegmentSum(tf.tensor(values, [...shape, ...after]), numbered(ids, shape), rows),
      )
      const [found, made] = [[...(await y.data())], y.shape]
      y.dispose()
      const wanted = new Sums(rows * width)
      for (const [i, id] of ids.entries())
        if (id >= 0 && id < rows) for (let c = 0; c < width; c++) wanted.add(id * width + c, values[i * width + c]!)
      expect(made).toEqual([rows, ...after])
      expect(wanted.differences(found)).toEqual([])
    }),
  )

  it(
    "have the gradients of a table",
    many,
    property(
      fc.record({ rows: size(20), width: size(40), count: fc.nat(30), seed: fc.nat() }),
      async ({ rows, width, count, seed }) => {
        const ids = whole(seed, count, 0, rows)
        const dy = draws(seed + 1, count * width)
        const slope = tf.tidy(() => {
          const loss = (table: tf.Tensor) =>
            tf.sum(tf.mul(embedding(table, tf.tensor1d(ids, "int32")), tf.tensor2d(dy, [count, width])))
          return tf.grad(loss)(tf.tensor2d(draws(seed + 2, rows * width), [rows, width]))
        })
        const found = [...(await slope.data())]
        slope.dispose()
        const wanted = new Sums(rows * width)
        for (const [i, id] of ids.entries())
          for (let c = 0; c < width; c++) wanted.add(id * width + c, dy[i * width + c]!)
        expect(wanted.differences(found)).toEqual([])
      },
    ),
  )

  it(
    "are refused where there are none",
    once(async () => {
      const [x, ids] = [tf.zeros([3, 2]), tf.tensor1d([0, 3], "int32")]
      expect(() => tf.gather(x, ids)).toThrow("GatherV2: the index value 3 is not in [0, 2]")
      tf.dispose([x, ids])
    }),
  )
})
