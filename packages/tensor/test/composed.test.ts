import { Effect } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { pad as padByAxis } from "../src/composed/pad.ts"
import { Backend, type Tensor, Tensors, tf } from "../src/index.ts"
import { on } from "./on.ts"

/** Small whole numbers: all sums are exact in float32, so gradients are equal, and not only close. */
const whole = (shape: ReadonlyArray<number>, seed: number) => {
  const size = shape.reduce((product, n) => product * n, 1)
  const value = (_: unknown, i: number) => (Math.floor((((i + seed) * 2654435761) % 2 ** 32) / 512) % 7) - 3
  return tf.tensor(Float32Array.from({ length: size }, value), [...shape])
}

type Pad = "same" | "valid" | number | [[0, 0], [number, number], [number, number], [0, 0]]
const small = fc.integer({ min: 0, max: 2 })
const pad: fc.Arbitrary<Pad> = fc.oneof(
  fc.constantFrom<Pad>("same", "valid"),
  fc.integer({ min: 0, max: 1 }),
  fc.tuple(small, small, small, small).map(([t, b, l, r]): Pad => [
    [0, 0],
    [t, b],
    [l, r],
    [0, 0],
  ]),
)
const geometry = fc.record({
  images: fc.integer({ min: 1, max: 3 }),
  height: fc.integer({ min: 1, max: 8 }),
  width: fc.integer({ min: 1, max: 8 }),
  channels: fc.integer({ min: 1, max: 4 }),
  rows: fc.integer({ min: 1, max: 4 }),
  columns: fc.integer({ min: 1, max: 4 }),
  more: fc.integer({ min: 1, max: 4 }),
  strides: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
  dilations: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
  pad,
})

const valuesOf = (tensors: ReadonlyArray<Tensor>) =>
  Effect.promise(async () => {
    const values = await Promise.all(tensors.map((t) => t.data()))
    tf.dispose([...tensors])
    return values.map((part) => Array.from(part, (n) => n + 0)) // no -0
  })

/** What `compute` gives on wasm and on the reference. */
const both = (compute: () => ReadonlyArray<Tensor>) =>
  Effect.gen(function* () {
    const outcome = Effect.suspend(() => valuesOf(tf.tidy(() => [...compute()])))
    const wasm = yield* Backend.use((backend) => backend.run(outcome))
    const cpu = yield* Backend.use((backend) => backend.run(outcome)).pipe(Effect.provide(Backend.cpu))
    return { wasm, cpu }
  })

const check = <T>(cases: fc.Arbitrary<T>, numRuns: number, body: (given: T) => Effect.Effect<void, unknown, Backend>) =>
  on.wasm(
    Effect.gen(function* () {
      const services = yield* Effect.context<Backend>()
      const property = fc.asyncProperty(cases, (given) => Effect.runPromiseWith(services)(body(given)))
      yield* Tensors.leakFree(Effect.promise(() => fc.assert(property, { numRuns, seed: 1 })))
    }),
  )

const fits = (g: typeof geometry extends fc.Arbitrary<infer T> ? T : never, dilations: readonly [number, number]) => {
  const [top, bottom, left, right] =
    typeof g.pad === "number"
      ? [g.pad, g.pad, g.pad, g.pad]
      : typeof g.pad === "string"
        ? [0, 0, 0, 0]
        : [...g.pad[1], ...g.pad[2]]
  return (
    g.pad === "same" ||
    (g.height + top + bottom > (g.rows - 1) * dilations[0] && g.width + left + right > (g.columns - 1) * dilations[1])
  )
}

describe("composed kernels on wasm", () => {
  it("depthwise convolution: both gradients equal the reference's", { timeout: 120_000 }, () =>
    check(geometry, 150, (g) =>
      Effect.gen(function* () {
        fc.pre(fits(g, [1, 1]))
        const { wasm, cpu } = yield* both(() => {
          const x = whole([g.images, g.height, g.width, g.channels], 1)
          const w = whole([g.rows, g.columns, g.channels, g.more], 2)
          return tf.grads((x, w) => {
            const y = tf.depthwiseConv2d(x as tf.Tensor4D, w as tf.Tensor4D, g.strides, g.pad)
            return tf.sum(tf.mul(y, whole(y.shape, 3)))
          })([x, w])
        })
        expect(wasm).toEqual(cpu)
      }),
    ),
  )

  it("dilated depthwise convolution: the gradients are its adjoint", { timeout: 120_000 }, () =>
    check(geometry, 150, (g) =>
      Effect.gen(function* () {
        fc.pre(fits(g, g.dilations))
        const attributes = { strides: 1, pad: g.pad, dilations: g.dilations }
        const backend = yield* Backend
        const products = Effect.suspend(() =>
          valuesOf(
            tf.tidy(() => {
              const [shape, filterShape] = [
                [g.images, g.height, g.width, g.channels],
                [g.rows, g.columns, g.channels, g.more],
              ] as const
              const [x, filter] = [whole(shape, 1), whole(filterShape, 2)]
              const run = (kernel: string, inputs: tf.NamedTensorMap, more: object) =>
                tf.engine().runKernel<Tensor>(kernel, inputs, { ...attributes, ...more })
              const inner = (a: Tensor, b: Tensor) => tf.sum(tf.mul(a, b))
              const y = run(tf.DepthwiseConv2dNative, { x, filter }, {})
              const dy = whole(y.shape, 3)
              const dx = run(tf.DepthwiseConv2dNativeBackpropInput, { dy, filter }, { inputShape: shape })
              const dw = run(tf.DepthwiseConv2dNativeBackpropFilter, { x, dy }, { filterShape })
              return [inner(y, dy), inner(dx, x), inner(dw, filter)]
            }),
          ),
        )
        const [[y], [dx], [dw]] = (yield* backend.run(products)) as [number[], number[], number[]]
        expect([dx, dw]).toEqual([y, y])
      }),
    ),
  )

  it("sums of segments equal the reference's, also with ids of no segment", () => {
    const segments = fc.record({
      ids: fc.array(fc.integer({ min: -2, max: 6 }), { minLength: 1, maxLength: 20 }),
      rest: fc.constantFrom([], [3], [2, 4]),
      count: fc.integer({ min: 1, max: 5 }),
      dtype: fc.constantFrom<tf.DataType>("float32", "int32"),
    })
    return check(segments, 100, ({ ids, rest, count, dtype }) =>
      Effect.gen(function* () {
        const { wasm, cpu } = yield* both(() => {
          const x = tf.cast(whole([ids.length, ...rest], 1), dtype)
          return [tf.unsortedSegmentSum(x, tf.tensor1d(ids, "int32"), count)]
        })
        expect(wasm).toEqual(cpu)
      }),
    )
  })

  it("a cast to bool is true of whatever isn't 0", () =>
    on.wasm(
      Effect.gen(function* () {
        const { wasm, cpu } = yield* both(() => [
          tf.cast(tf.tensor1d([0, -0, 0.5, 2, -1, 256, 1e-40, Infinity, NaN]), "bool"),
          tf.cast(tf.tensor1d([0, 1, 2, 256, -65536], "int32"), "bool"),
          tf.cast(tf.tensor1d([true, false], "bool"), "bool"),
        ])
        expect(wasm).toEqual([
          [0, 0, 1, 1, 1, 1, 1, 1, 1],
          [0, 1, 1, 1, 1],
          [1, 0],
        ])
        expect(wasm).toEqual(cpu)
      }),
    ))

  it("gather has a gradient, along each axis", () =>
    check(fc.constantFrom(0, 1, 2), 3, (axis) =>
      Effect.gen(function* () {
        const { wasm, cpu } = yield* both(() => {
          const f = (x: Tensor) => tf.sum(tf.mul(tf.gather(x, tf.tensor1d([1, 0, 1, 1], "int32"), axis), 2))
          return [tf.grad(f)(whole([2, 3, 2], 1))]
        })
        expect(wasm).toEqual(cpu)
      }),
    ))

  it("Einstein's summation equals the reference's", () => {
    const equations: ReadonlyArray<readonly [string, ...Array<ReadonlyArray<number>>]> = [
      ["ij,jk->ik", [2, 3], [3, 4]],
      ["bij,bjk->bik", [5, 2, 3], [5, 3, 4]],
      ["bij,bkj->bik", [5, 2, 3], [5, 4, 3]],
      ["bqhd,bkhd->bhqk", [2, 3, 4, 5], [2, 6, 4, 5]],
      ["bhqk,bkhd->bqhd", [2, 4, 3, 6], [2, 6, 4, 5]],
      ["i,j->ij", [3], [4]],
      ["i,i->i", [3], [3]],
      ["i,i->", [3], [3]],
      ["ijk,jl->li", [2, 3, 4], [3, 5]],
      [",->", [], []],
      ["ij->ji", [2, 3]],
      ["ijk->j", [2, 3, 4]],
      ["ij->", [2, 3]],
      ["i->i", [3]],
    ]
    return check(fc.constantFrom(...equations), 60, ([equation, ...shapes]) =>
      Effect.gen(function* () {
        const { wasm, cpu } = yield* both(() => [tf.einsum(equation, ...shapes.map((shape, i) => whole(shape, i)))])
        expect(wasm).toEqual(cpu)
      }),
    )
  })

  it("Einstein's summation sums first what only one of the two has, where the reference doesn't", () =>
    on.wasm(
      Effect.gen(function* () {
        const backend = yield* Backend
        const sum = Effect.sync(() => tf.tidy(() => tf.einsum("ij,k->k", tf.ones([2, 3]), tf.tensor1d([1, 2]))))
        const [values] = yield* backend.run(Effect.flatMap(sum, (t) => valuesOf([t])))
        expect(values).toEqual([6, 12])
      }),
    ))

  it("leave a kernel alone that the backend has", () =>
    on.cpu(
      Effect.promise(async () => {
        const { registerComposed } = await import("../src/composed/index.ts")
        const before = tf.getKernel(tf.Einsum, "cpu")
        registerComposed("cpu")
        expect(tf.getKernel(tf.Einsum, "cpu")).toBe(before)
      }),
    ))
})

it("padding one axis after the other is padding all at once", () =>
  on.wasm(
    Effect.gen(function* () {
      const paddings: Array<[number, number]> = [
        [1, 0],
        [0, 0],
        [0, 2],
        [1, 1],
        [0, 1],
      ]
      const given = () => whole([2, 3, 1, 2, 2], 5)
      const byAxis = () => [padByAxis.compute({ x: given() } as never, { paddings, constantValue: 7 } as never)]
      const found = yield* valuesOf(tf.tidy(byAxis))
      const atOnce = Effect.suspend(() => valuesOf(tf.tidy(() => [tf.pad(given(), paddings, 7)])))
      expect(found).toEqual(yield* Backend.use((b) => b.run(atOnce)).pipe(Effect.provide(Backend.cpu)))
    }),
  ))
