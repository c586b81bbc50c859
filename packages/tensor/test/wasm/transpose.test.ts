import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { tf } from "../../src/index.ts"
import { draws, many, property, size } from "./property.ts"
import { raw } from "./raw.ts"

const sizeOf = (shape: ReadonlyArray<number>) => shape.reduce((n, d) => n * d, 1)
const cases = fc
  .integer({ min: 0, max: 7 })
  .chain((rank) =>
    fc.record({
      shape: fc.array(rank < 4 ? size(40) : fc.integer({ min: 1, max: rank < 6 ? 5 : 3 }), {
        minLength: rank,
        maxLength: rank,
      }),
      perm: fc.shuffledSubarray(
        Array.from({ length: rank }, (_, i) => i),
        { minLength: rank },
      ),
      empty: fc.option(fc.nat({ max: 6 }), { freq: 30 }),
      seed: fc.nat(),
    }),
  )
  .map(({ shape, empty, ...rest }) => ({ ...rest, shape: shape.map((n, axis) => (axis === empty ? 0 : n)) }))

const moved = (x: Float32Array, shape: ReadonlyArray<number>, perm: ReadonlyArray<number>) => {
  const made = perm.map((axis) => shape[axis]!)
  const stride = (axis: number) => sizeOf(shape.slice(axis + 1))
  return x.map((_, i) => {
    let [rest, from] = [i, 0]
    for (let axis = made.length - 1; axis >= 0; axis--) {
      from += (rest % made[axis]!) * stride(perm[axis]!)
      rest = Math.floor(rest / made[axis]!)
    }
    return x[from]!
  })
}

describe("transposes on wasm", () => {
  it(
    "put every number where it belongs, of up to seven axes",
    many,
    property(cases, async ({ shape, perm, seed }) => {
      fc.pre(sizeOf(shape) < 5000)
      const x = draws(seed, sizeOf(shape))
      const y = tf.tidy(() => tf.transpose(tf.tensor(x, shape, "float32"), perm))
      const [found, made] = [await y.data(), y.shape]
      y.dispose()
      expect(made).toEqual(perm.map((axis) => shape[axis]))
      expect(found).toEqual(moved(x, shape, perm))
    }),
  )

  it(
    "read and write planes anywhere, and nothing else",
    many,
    property(
      fc.record({ rows: size(), columns: size(), turned: fc.boolean(), seed: fc.nat() }),
      async ({ rows, columns, turned, seed }) => {
        const x = draws(seed, rows * columns)
        const { y } = raw("transpose", { x, y: x.length }, ["y"], ({ x, y }) => {
          const rest = [1, 0, 0, 1, 0, 0, 1, 0, 0] as const
          return turned
            ? [true, x!, y!, 1, 0, 0, ...rest, rows, columns, columns * 4, rows * 4]
            : [false, x!, y!, 1, 0, 0, ...rest, rows, columns, columns * 4, columns * 4]
        })
        expect(y).toEqual(turned ? moved(x, [rows, columns], [1, 0]) : x)
      },
    ),
  )

  it(
    "leave whole numbers to the library",
    many,
    property(fc.record({ rows: size(9), columns: size(9) }), async ({ rows, columns }) => {
      const y = tf.tidy(() => tf.transpose(tf.reshape(tf.range(0, rows * columns, 1, "int32"), [rows, columns])))
      const found = [...(await y.data())]
      y.dispose()
      expect(found).toEqual(found.map((_, i) => (i % rows) * columns + Math.floor(i / rows)))
    }),
  )
})
