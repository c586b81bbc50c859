/** Products of the compiled kernels against sums in float64. */
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { dense, type DenseActivation, tf } from "../../src/index.ts"
import { machineOf } from "../../src/wasm/machine.ts"
import { draws, many, property, size } from "./property.ts"

/** Sums of products and, for each, the sum of their sizes, to which the error is relative. */
const exact = (
  [rows, depth, columns]: readonly [number, number, number],
  a: (i: number, k: number) => number,
  b: (k: number, j: number) => number,
) =>
  Array.from({ length: rows * columns }, (_, at) => {
    const [i, j] = [Math.floor(at / columns), at % columns]
    let [sum, scale] = [0, 0]
    for (let k = 0; k < depth; k++) {
      const term = a(i, k) * b(k, j)
      sum += term
      scale += Math.abs(term)
    }
    return { sum, scale }
  })

const near = (actual: ArrayLike<number>, wanted: ReturnType<typeof exact>, f = (x: number) => x) => {
  expect(actual.length).toBe(wanted.length)
  const worst = wanted.reduce(
    (most, { sum, scale }, i) => Math.max(most, Math.abs(actual[i]! - f(sum)) / (scale + 1e-30)),
    0,
  )
  expect(worst).toBeLessThan(1e-6)
}

const sizes = fc.record({ rows: size(30), depth: fc.oneof(size(), fc.constantFrom(0, 257, 520)), columns: size(30) })
const cases = fc.record({
  sizes,
  transposeA: fc.boolean(),
  transposeB: fc.boolean(),
  seed: fc.nat(1000),
})

describe("compiled products", () => {
  it(
    "equal sums in float64, transposed or not",
    many,
    property(cases, async ({ sizes: { rows, depth, columns }, transposeA, transposeB, seed }) => {
      const [x, y] = [draws(seed, rows * depth), draws(seed + 1, depth * columns)]
      const a = tf.tensor2d(x, transposeA ? [depth, rows] : [rows, depth])
      const b = tf.tensor2d(y, transposeB ? [columns, depth] : [depth, columns])
      const c = tf.matMul(a, b, transposeA, transposeB)
      const values = await c.data()
      tf.dispose([a, b, c])
      const wanted = exact(
        [rows, depth, columns],
        (i, k) => (transposeA ? x[k * rows + i]! : x[i * depth + k]!),
        (k, j) => (transposeB ? y[j * depth + k]! : y[k * columns + j]!),
      )
      near(values, wanted)
    }),
  )

  it(
    "of dense layers add a bias and bend",
    many,
    property(
      fc.record({
        members: fc.integer({ min: 1, max: 3 }),
        sizes: fc.record({ rows: size(40), depth: size(40), columns: size(40) }),
        activation: fc.constantFrom<DenseActivation>("linear", "relu"),
        perMember: fc.boolean(),
        seed: fc.nat(1000),
      }),
      async ({ members, sizes: { rows, depth, columns }, activation, perMember, seed }) => {
        const x = draws(seed, members * rows * depth)
        const w = draws(seed + 1, members * depth * columns)
        const bias = draws(seed + 2, (perMember ? members : 1) * columns)
        const tensors = [
          tf.tensor(x, [members, rows, depth]),
          tf.tensor(w, [members, depth, columns]),
          tf.tensor(bias, perMember ? [members, 1, columns] : [columns]),
        ] as const
        const y = dense(...tensors, activation)
        const values = await y.data()
        tf.dispose([...tensors, y])
        for (let m = 0; m < members; m++) {
          const plus = (j: number) => bias[(perMember ? m * columns : 0) + j]!
          const wanted = exact(
            [rows, depth + 1, columns],
            (i, k) => (k === depth ? 1 : x[(m * rows + i) * depth + k]!),
            (k, j) => (k === depth ? plus(j) : w[(m * depth + k) * columns + j]!),
          )
          const own = values.subarray(m * rows * columns, (m + 1) * rows * columns)
          near(own, wanted, (sum) => (activation === "relu" ? Math.max(sum, 0) : sum))
        }
      },
    ),
  )

  it(
    "read and write where they are told, also between vectors' boundaries, and nowhere else",
    many,
    property(
      fc.record({
        sizes: fc.record({ rows: size(20), depth: size(20), columns: size(20) }),
        offset: fc.constantFrom(1, 2, 3),
      }),
      async ({ sizes: { rows, depth, columns }, offset }) => {
        const margin = 8
        const wide = columns + 3 // rows lie apart
        const lengths = [rows * depth, depth * columns, rows * wide]
        const rooms = lengths.map((n, i) => tf.tensor1d(draws(i, n + 2 * margin)))
        const before = await Promise.all(rooms.map((room) => room.data()))
        const backend = tf.backend() as BackendWasm
        const at = (i: number) => backend.getMemoryOffset(rooms[i]!.dataId) + (margin - offset) * 4
        const machine = machineOf(backend)
        machine.share({ count: 1, grain: 1, cost: 1 }, (_from, _to, workspace) => {
          const [a, b, c] = [at(0), at(1), at(2)]
          return ["gemm", rows, columns, depth, a, depth * 4, 4, b, columns * 4, 4, c, wide * 4, 0, false, workspace]
        })()
        const [x, y, after] = await Promise.all(rooms.map((room) => room.data()))
        tf.dispose(rooms)
        expect([x, y]).toEqual(before.slice(0, 2))
        const first = margin - offset
        const inside = Array.from(after!.subarray(first, first + rows * wide)).filter((_, i) => i % wide < columns)
        const wanted = exact(
          [rows, depth, columns],
          (i, k) => x![first + i * depth + k]!,
          (k, j) => y![first + k * columns + j]!,
        )
        near(inside, wanted)
        const outside = (values: ArrayLike<number>) =>
          Array.from(values).filter((_, i) => i < first || i >= first + rows * wide || (i - first) % wide >= columns)
        expect(outside(after!)).toEqual(outside(before[2]!))
      },
    ),
  )

  it(
    "let through what isn't finite",
    many,
    property(fc.tuple(size(20), size(20), size(20), fc.nat(1000)), async ([rows, depth, columns, seed]) => {
      const [x, y] = [draws(seed, rows * depth), draws(seed + 1, depth * columns)]
      const [i, k] = [seed % rows, seed % depth]
      x[i * depth + k] = seed % 2 === 0 ? Infinity : NaN
      const [a, b] = [tf.tensor2d(x, [rows, depth]), tf.tensor2d(y, [depth, columns])]
      const c = tf.matMul(a, b)
      const values = await c.data()
      tf.dispose([a, b, c])
      const own = Array.from(values.subarray(i * columns, (i + 1) * columns))
      const others = Array.from(values).filter((_, at) => Math.floor(at / columns) !== i)
      expect(others.every(Number.isFinite)).toBe(true)
      expect(own).toEqual(own.map((_, j) => x[i * depth + k]! * y[k * columns + j]!))
    }),
  )
})
