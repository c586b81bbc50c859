import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { logSoftmax, logSumExp, maskedSoftmax, type Tensor, tf } from "../../src/index.ts"
import { draws, many, property, size } from "./property.ts"
import { far, raw } from "./raw.ts"
import { chunks, type Row, total, ulp } from "./rows.ts"

/** What rounding allows e^(x - level) times a number of: that of a difference, which the exponential enlarges; below 1e-38 it may be 0. */
const slack = (value: number, difference: number) =>
  1.3e-38 + ulp * Math.abs(value) * (8 + Math.min(Math.abs(difference), 1e6))
const allowed = (x: Row): Row => {
  const top = Math.max(...x)
  return soft(x).map((v, i) => slack(v, x[i]! - top))
}

const soft = (x: Row): Row => {
  const top = Math.max(...x)
  const e = x.map((v) => Math.exp(v - top))
  return e.map((v) => v / total(e))
}
const lse = (x: Row): number => {
  const top = Math.max(...x)
  return Number.isFinite(top) ? top + Math.log(total(x.map((v) => Math.exp(v - top)))) : top
}
const logSoft = (x: Row): Row => {
  const top = Math.max(...x)
  const size = Math.log(total(x.map((v) => Math.exp(v - top))))
  return x.map((v) => v - top - size)
}

const strange = [NaN, Infinity, -Infinity, -Infinity, 3.4e38, -3.4e38, 1e4, -1e4, 1e-45].map(Math.fround)
const cases = fc.record({
  rows: fc.integer({ min: 0, max: 4 }),
  length: fc.oneof({ arbitrary: size(), weight: 8 }, fc.constant(0), fc.integer({ min: 500, max: 1200 })),
  seed: fc.nat(),
  odd: fc.option(fc.constantFrom(...strange), { freq: 2 }),
  all: fc.option(fc.constantFrom(-Infinity, 3, NaN), { freq: 6 }),
})
type Given = typeof cases extends fc.Arbitrary<infer A> ? A : never

/** Rows between -20 and 20, with something strange in one place, or one number everywhere. */
const rowsOf = ({ rows, length, seed, odd, all }: Given): Float32Array => {
  const x = draws(seed, rows * length, -20, 20)
  if (odd !== null && x.length > 0) x[seed % x.length] = odd
  if (all !== null) x.fill(all, 0, length)
  return x
}

/** What rounding allows logarithms. */
const ofLogs = (wanted: Row): Row => wanted.map((v) => 8 * ulp * (1 + Math.abs(v)))

/** What becomes of rows, anywhere in memory. */
const ofRows = (name: "softmax" | "logSoftmax" | "logSumExp", given: Given, each: number) => {
  const x = rowsOf(given)
  const { y } = raw(name, { x, y: given.rows * each }, ["y"], ({ x, y }) => [x!, y!, given.rows, given.length])
  return { x: chunks(x, given.rows, given.length), y: y! }
}

describe("rows in logs on wasm", () => {
  it(
    "softmax is that in float64",
    many,
    property(cases, async (given) => {
      const { x, y } = ofRows("softmax", given, given.length)
      expect(far(y, x.flatMap(soft), x.flatMap(allowed))).toEqual([])
    }),
  )

  it(
    "log-softmax is that in float64",
    many,
    property(cases, async (given) => {
      const { x, y } = ofRows("logSoftmax", given, given.length)
      const wanted = x.flatMap(logSoft)
      expect(far(y, wanted, ofLogs(wanted))).toEqual([])
    }),
  )

  it(
    "log-sum-exp is that in float64, Infinity of one, -Infinity of nothing",
    many,
    property(cases, async (given) => {
      const { x, y } = ofRows("logSumExp", given, 1)
      const wanted = x.map(lse)
      expect(far(y, wanted, ofLogs(wanted))).toEqual([])
    }),
  )

  it(
    "gradients of softmax and log-softmax are those in float64",
    many,
    property(cases, async (given) => {
      const { rows, length, seed } = given
      const dys = chunks(draws(seed + 1, rows * length), rows, length)
      const gradient = (name: "softmaxGrad" | "logSoftmaxGrad", y: Float32Array) =>
        raw(name, { dy: draws(seed + 1, rows * length), y, dx: rows * length }, ["dx"], ({ dy, y, dx }) => [
          dy!,
          y!,
          dx!,
          rows,
          length,
        ])["dx"]!
      const y = Float32Array.from(chunks(rowsOf(given), rows, length).flatMap(soft))
      const byRows = chunks(y, rows, length)
      const slopes = byRows.flatMap((y, r) => {
        const along = total(y.map((v, i) => v * dys[r]![i]!))
        return y.map((v, i) => v * (dys[r]![i]! - along))
      })
      expect(far(gradient("softmaxGrad", y), slopes, 16 * ulp)).toEqual([])
      const logs = y.map(Math.log)
      const logSlopes = chunks(logs, rows, length).flatMap((y, r) =>
        y.map((v, i) => dys[r]![i]! - total(dys[r]!) * Math.exp(v)),
      )
      expect(far(gradient("logSoftmaxGrad", logs), logSlopes, 16 * ulp * (1 + length / 8))).toEqual([])
    }),
  )

  it(
    "the gradient of log-sum-exp is softmax, 0 of a row of nothing",
    many,
    property(cases, async (given) => {
      const { rows, length, seed } = given
      const x = rowsOf(given)
      const levels = Float32Array.from(chunks(x, rows, length).map(lse))
      const slopes = draws(seed + 1, rows)
      const { dx } = raw("logSumExpGrad", { dy: slopes, x, y: levels, dx: x.length }, ["dx"], ({ dy, x, y, dx }) => [
        dy!,
        x!,
        y!,
        dx!,
        rows,
        length,
      ])
      const levelOf = (i: number) => {
        const level = levels[Math.floor(i / length)]!
        return Math.min(Math.max(level, -Math.fround(3.4e38)), Math.fround(3.4e38))
      }
      const wanted = [...x].map((v, i) => slopes[Math.floor(i / length)]! * Math.exp(v - levelOf(i)))
      expect(
        far(
          dx!,
          wanted,
          wanted.map((v, i) => slack(v, x[i]! - levelOf(i))),
        ),
      ).toEqual([])
    }),
  )

  it(
    "softmax among what a mask shows is that in float64",
    many,
    property(cases, async (given) => {
      const { rows, length, seed } = given
      const masks = 1 + (seed % 3)
      const x = rowsOf({ ...given, odd: null, all: null })
      const mask = draws(seed + 2, masks * length).map((v) => (v > 0.5 ? 0 : 1))
      const first = seed % 5
      const { y } = raw("maskedSoftmax", { x, mask, y: x.length }, ["y"], ({ x, mask, y }) => [
        x!,
        mask!,
        masks,
        first,
        y!,
        rows,
        length,
      ])
      const shown = chunks(mask, masks, length)
      const wanted = chunks(x, rows, length).flatMap((row, r) => {
        const seen = shown[(first + r) % masks]!
        const y = soft(row.map((v, i) => (seen[i] === 1 ? v : -Infinity)))
        return y.map((v, i) => (seen[i] === 1 ? v : 0))
      })
      expect(far(y!, wanted, 8 * ulp)).toEqual([])
    }),
  )

  const shapes = fc.record({
    shape: fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 4 }),
    drop: fc.nat({ max: 3 }),
    ones: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
    seed: fc.nat(),
  })
  it(
    "whatever the shapes of logits and mask",
    many,
    property(shapes, async ({ shape, drop, ones, seed }) => {
      const x = draws(seed, tf.util.sizeFromShape(shape))
      const own = shape.slice(Math.min(drop, shape.length - 1)).map((n, i) => (ones[i] ? 1 : n))
      const mask = draws(seed + 1, tf.util.sizeFromShape(own)).map((v) => (v > 0.5 ? 0 : 1))
      const of = (f: (x: Tensor, mask: Tensor) => Tensor) =>
        tf.tidy(() => f(tf.tensor(x, shape, "float32"), tf.tensor(mask, own, "float32")))
      const made = [
        of((x) => tf.softmax(x)),
        of((x) => logSoftmax(x)),
        of((x) => logSumExp(x)),
        of(maskedSoftmax),
        of((x, mask) => tf.add(tf.zerosLike(x), mask)),
      ]
      const [probabilities, logs, sums, masked, spread] = await Promise.all(made.map((t) => t.data()))
      const shapesOf = made.map((t) => t.shape)
      tf.dispose(made)
      const [length, rows] = [shape.at(-1)!, tf.util.sizeFromShape(shape.slice(0, -1))]
      const each = chunks(x, rows, length)
      expect(shapesOf).toEqual([shape, shape, shape.slice(0, -1), shape, shape])
      expect(far(probabilities!, each.flatMap(soft), 4 * ulp)).toEqual([])
      expect(far(logs!, each.flatMap(logSoft), 16 * ulp)).toEqual([])
      expect(far(sums!, each.map(lse), 16 * ulp)).toEqual([])
      const shown = chunks(Float32Array.from(spread!), rows, length)
      const wanted = each.flatMap((row, r) => {
        const y = soft(row.map((v, i) => (shown[r]![i] === 1 ? v : -Infinity)))
        return y.map((v, i) => (shown[r]![i] === 1 ? v : 0))
      })
      expect(far(masked!, wanted, 4 * ulp)).toEqual([])
    }),
  )
})
