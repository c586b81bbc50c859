import { Effect } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { Backend, type Tensor, tf } from "../../src/index.ts"
import { biasGrad, spread } from "../../src/op/broadcast.ts"
import { on } from "../on.ts"
import { draws, many, property, size } from "./property.ts"
import { raw } from "./raw.ts"

const sizeOf = (shape: ReadonlyArray<number>) => shape.reduce((n, d) => n * d, 1)
const shapes = fc
  .array(fc.oneof({ arbitrary: size(40), weight: 30 }, fc.constant(0)), { maxLength: 5 })
  .filter((shape) => sizeOf(shape) <= 800)
const folds = {
  sum: (x: ReadonlyArray<number>) => x.reduce((a, b) => a + b, 0),
  mean: (x: ReadonlyArray<number>) => x.reduce((a, b) => a + b, 0) / x.length,
  prod: (x: ReadonlyArray<number>) => x.reduce((a, b) => a * b, 1),
  max: (x: ReadonlyArray<number>) => Math.max(...x),
  min: (x: ReadonlyArray<number>) => Math.min(...x),
}
type Fold = keyof typeof folds
const names = Object.keys(folds) as ReadonlyArray<Fold>

/** The numbers that each of the results is made of, in order. */
const groups = (x: ArrayLike<number>, shape: ReadonlyArray<number>, axes: ReadonlyArray<number>) => {
  const kept = shape.map((n, axis) => (axes.includes(axis) ? 1 : n))
  const found = Array.from({ length: sizeOf(kept) }, (): Array<number> => [])
  for (let i = 0; i < x.length; i++) {
    let [rest, at, step] = [i, 0, 1]
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      if (kept[axis] !== 1) at += (rest % shape[axis]!) * step
      step *= kept[axis]!
      rest = Math.floor(rest / shape[axis]!)
    }
    found[at]!.push(x[i]!)
  }
  return found
}

/** Whether a product of some of them is more or less than float32 can hold, so that the order decides what comes out. */
const leaves = (given: ReadonlyArray<number>) => {
  const sizes = given.map(Math.abs).filter(Number.isFinite)
  const [grown, shrunk] = [Math.max, Math.min].map((of) => sizes.reduce((a, b) => a * of(1, b), 1))
  return grown! > 3e38 || (shrunk! > 0 && shrunk! < 1e-37)
}
/** Within what rounding allows of the sum of absolute values. */
const close = (fold: Fold, actual: number, given: ReadonlyArray<number>) => {
  const wanted = folds[fold](given)
  if (fold === "prod" && leaves(given)) return true
  if (!Number.isFinite(wanted)) return Object.is(actual, wanted)
  if (fold === "max" || fold === "min") return actual === wanted
  const scale = folds[fold](given.map(Math.abs))
  return Math.abs(actual - wanted) <= 1e-38 + scale * 2 ** -24 * (fold === "prod" ? given.length + 1 : 8)
}

/** Those that aren't, with what they should have been. */
const wrong = (fold: Fold, found: ArrayLike<number>, given: ReadonlyArray<ReadonlyArray<number>>) =>
  given.flatMap((group, i) => (close(fold, found[i]!, group) ? [] : [[i, found[i], folds[fold](group)]]))

const strange = [NaN, Infinity, -Infinity, -0, 1e-45, -1e-38].map(Math.fround)
const cases = fc.record({
  shape: shapes,
  among: fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
  fold: fc.constantFrom(...names),
  keepDims: fc.boolean(),
  seed: fc.nat(),
  odd: fc.option(fc.constantFrom(...strange), { freq: 2 }),
})

describe("reductions on wasm", () => {
  it(
    "are those in float64, along any axes",
    many,
    property(cases, async ({ shape, among, fold, keepDims, seed, odd }) => {
      const axes = shape.flatMap((_, axis) => (among[axis] ? [axis] : []))
      const values = draws(seed, sizeOf(shape))
      if (odd !== null && values.length > 0) values[seed % values.length] = odd
      const y = tf.tidy(() => tf[fold]<Tensor>(tf.tensor(values, shape, "float32"), axes, keepDims))
      const [found, kept] = [await y.data(), y.shape]
      y.dispose()
      const wanted = groups(values, shape, axes)
      expect(kept).toEqual(
        keepDims
          ? shape.map((n, axis) => (axes.includes(axis) ? 1 : n))
          : shape.filter((_, axis) => !axes.includes(axis)),
      )
      expect(found.length).toBe(wanted.length)
      expect(wrong(fold, found, wanted)).toEqual([])
    }),
  )

  it(
    "lie anywhere, write nothing else, and are the same in parts",
    many,
    property(
      fc.record({ outer: size(5), along: size(600), inner: size(), part: fc.nat(), seed: fc.nat() }),
      async ({ outer, along, inner, part, seed }) => {
        fc.pre(outer * along * inner < 4000)
        const [x, columns] = [draws(seed, outer * along * inner), outer * inner]
        const whole = raw("foldColumns", { x, y: columns }, ["y"], ({ x, y }) => [
          0,
          x!,
          outer,
          along,
          inner,
          inner * 4,
          y!,
          along,
        ])["y"]!
        expect(wrong("mean", whole, groups(x, [outer, along, inner], [1]))).toEqual([])
        const from = part % inner
        const rest = raw("foldColumns", { x, y: columns }, ["y"], ({ x, y }) => [
          0,
          x! + from * 4,
          outer,
          along,
          inner - from,
          inner * 4,
          y! + from * 4,
          along,
        ])["y"]!
        const inPart = (_: number, i: number) => i % inner >= from
        expect(rest.filter(inPart)).toEqual(whole.filter(inPart))
        const rows = raw("foldRows", { x, y: columns }, ["y"], ({ x, y }) => [2, x!, columns, along, y!, 1])["y"]!
        expect([...rows]).toEqual(groups(x, [columns, along], [1]).map((group) => Math.max(...group)))
      },
    ),
  )

  it(
    "a bias's gradient, and what is repeated",
    many,
    property(
      fc.record({ shape: shapes, among: fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }), seed: fc.nat() }),
      async ({ shape, among, seed }) => {
        fc.pre(shape.length > 0)
        const short = shape.map((n, axis) => (among[axis] ? 1 : n))
        const first = short.findIndex((n) => n !== 1)
        const given = seed % 2 === 0 || first < 0 ? short : short.slice(first)
        const few = draws(seed, sizeOf(given))
        const values = draws(seed + 1, sizeOf(shape))
        const [wide, bias] = tf.tidy(() => [
          spread({ x: tf.tensor(few, given, "float32") }, { shape }),
          biasGrad({ x: tf.tensor(values, shape, "float32") }, { shape: [1, shape.at(-1)!] }),
        ])
        const [repeated, sums] = [await wide.data(), await bias.data()]
        expect(bias.shape).toEqual([1, shape.at(-1)])
        tf.dispose([wide, bias])
        const repeatedAxes = short.flatMap((n, axis) => (n === 1 ? [axis] : []))
        groups(repeated, shape, repeatedAxes).forEach((group, i) => {
          expect(group.every((v) => v === few[i])).toBe(true)
        })
        const leading = shape.slice(0, -1).map((_, axis) => axis)
        expect(wrong("sum", sums, groups(values, shape, leading))).toEqual([])
      },
    ),
  )

  it("of nothing are what changes nothing, and whole numbers stay whole", () =>
    on.wasm(
      Effect.gen(function* () {
        const backend = yield* Backend
        yield* backend.run(
          Effect.promise(async () => {
            const none = () => tf.zeros([2, 0])
            const made = tf.tidy(() => [
              tf.sum(none(), 1),
              tf.max(none(), 1),
              tf.min(none(), 1),
              tf.sum(tf.tensor1d([2 ** 24, 1, 1], "int32")),
              tf.sum(tf.scalar(3)),
            ])
            const found = await Promise.all(made.map(async (t) => [...(await t.data())]))
            tf.dispose(made)
            expect(found).toEqual([[0, 0], [-Infinity, -Infinity], [Infinity, Infinity], [2 ** 24 + 2], [3]])
          }),
        )
      }),
    ))

  it("of a million numbers lose less than a sum in order does, along rows and columns", () =>
    on.wasm(
      Effect.gen(function* () {
        const backend = yield* Backend
        yield* backend.run(
          Effect.promise(async () => {
            const x = draws(7, 2 ** 20, 0, 1)
            const made = tf.tidy(() => [tf.sum(tf.tensor(x)), tf.sum(tf.tensor(x, [2 ** 18, 4]), 0)])
            const [row, columns] = await Promise.all(made.map((t) => t.data()))
            tf.dispose(made)
            const exact = groups(x, [2 ** 18, 4], [0]).map(folds.sum)
            const total = folds.sum(exact)
            const inOrder = x.reduce((a, b) => Math.fround(a + b), 0)
            const error = Math.abs(row![0]! - total) / total
            expect(error).toBeLessThan(2e-7)
            expect(error).toBeLessThan(Math.abs(inOrder - total) / total)
            exact.forEach((sum, i) => expect(Math.abs(columns![i]! - sum) / sum).toBeLessThan(4e-6))
          }),
        )
      }),
    ))
})
