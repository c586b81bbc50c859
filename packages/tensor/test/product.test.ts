import { Effect } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { Backend, Tensors, tf } from "../src/index.ts"
import { on } from "./on.ts"

const size = (lead: ReadonlyArray<number>) => lead.reduce((n, d) => n * d, 1)

/** Small integers, whose products are exact in float32: the reference is equal, and not only close. */
const matrices = (lead: ReadonlyArray<number>, rows: number, columns: number, transposed: boolean) => {
  const at = (m: number, i: number, j: number) => (((size(lead) === 1 ? 0 : m) * 31 + i * 7 + j * 3) % 11) - 5
  const shape = [...lead, ...(transposed ? [columns, rows] : [rows, columns])]
  const values = Array.from({ length: size(shape) }, (_, n) => {
    const [m, within] = [Math.floor(n / (rows * columns)), n % (rows * columns)]
    return transposed
      ? at(m, within % rows, Math.floor(within / rows))
      : at(m, Math.floor(within / columns), within % columns)
  })
  return { at, tensor: () => tf.tensor(values, shape) }
}

const shapes = fc.record({
  leadA: fc.constantFrom([], [1], [3], [2, 2]),
  leadB: fc.constantFrom([], [1], [3], [2, 2]),
  rows: fc.integer({ min: 1, max: 9 }),
  inner: fc.integer({ min: 1, max: 9 }),
  columns: fc.integer({ min: 1, max: 9 }),
  transposeA: fc.boolean(),
  transposeB: fc.boolean(),
})

describe("matrix products on wasm", () => {
  it("equal the sum of products, transposed or not, one or many", () =>
    on.wasm(
      Effect.gen(function* () {
        const backend = yield* Backend
        const property = fc.asyncProperty(
          shapes,
          async ({ leadA, leadB, rows, inner, columns, transposeA, transposeB }) => {
            fc.pre(size(leadA) === 1 || size(leadB) === 1 || leadA.join() === leadB.join())
            const a = matrices(leadA, rows, inner, transposeA)
            const b = matrices(leadB, inner, columns, transposeB)
            const product = tf.tidy(() => tf.matMul(a.tensor(), b.tensor(), transposeA, transposeB))
            const values = await product.data()
            product.dispose()
            const wanted: Array<number> = []
            for (let m = 0; m < Math.max(size(leadA), size(leadB)); m++)
              for (let i = 0; i < rows; i++)
                for (let j = 0; j < columns; j++) {
                  let sum = 0
                  for (let k = 0; k < inner; k++) sum += a.at(m, i, k) * b.at(m, k, j)
                  wanted.push(sum)
                }
            expect(Array.from(values)).toEqual(wanted)
          },
        )
        yield* Tensors.leakFree(backend.run(Effect.promise(() => fc.assert(property, { numRuns: 300, seed: 1 }))))
      }),
    ))

  it("refuse matrices that don't fit, one or many", () =>
    on.wasm(
      Effect.sync(() => {
        const product = (a: Array<number>, b: Array<number>) => () =>
          tf.tidy(() => void tf.matMul(tf.ones(a), tf.ones(b)))
        expect(product([2, 3], [2, 3])).toThrow("inner shapes (3) and (2)")
        expect(product([2, 3, 2], [3, 2])).toThrow("inner shapes (2) and (3)")
        expect(product([2, 3, 2], [2, 3, 2])).toThrow("inner shapes (2) and (3)")
      }),
    ))

  it("have gradients for each member", () =>
    on.wasm(
      Effect.gen(function* () {
        const backend = yield* Backend
        const gradient = yield* backend.run(
          Effect.promise(async () => {
            const [x, w] = [tf.ones([2, 3, 4]), tf.ones([2, 4, 5])]
            const grads = tf.tidy(() => tf.grads((x: tf.Tensor, w: tf.Tensor) => tf.sum(tf.matMul(x, w)))([x, w]))
            const values = await Promise.all(grads.map((g) => g.data()))
            tf.dispose([x, w, grads])
            return values
          }),
        )
        expect(gradient.map((g) => [g.length, g.every((v, _, all) => v === all[0]), g[0]])).toEqual([
          [24, true, 5],
          [40, true, 3],
        ])
      }),
    ))
})
