/** Properties of compiled kernels: many cases, a few of them nasty, against numbers computed in float64. */
import { Effect } from "effect"
import * as fc from "fast-check"
import { Backend, Tensors } from "../../src/index.ts"
import { on } from "../on.ts"

const verify = process.env["RELENT_VERIFY"] === "1"

/** Options of a test of a property. */
export const many = { timeout: verify ? 3_600_000 : 60_000 }

/**
 * A test that checks 200 cases on wasm (10,000 in the long tier), of another seed every time, which a failure prints. No tensor may be
 * left: `it("...", many, property(cases, async (one) => ...))`.
 */
export const property =
  <A>(cases: fc.Arbitrary<A>, check: (one: A) => Promise<void>): (() => Promise<void>) =>
  () =>
    on.wasm(
      Effect.gen(function* () {
        const backend = yield* Backend
        const all = fc.asyncProperty(cases, check)
        const run = Effect.promise(() => fc.assert(all, { numRuns: verify ? 10_000 : 200 }))
        yield* Tensors.leakFree(backend.run(run))
      }),
    )

/** A test of one case, as `property` makes one of many. */
export const once =
  (check: () => Promise<void>): (() => Promise<void>) =>
  () =>
    on.wasm(
      Effect.gen(function* () {
        const backend = yield* Backend
        yield* Tensors.leakFree(backend.run(Effect.promise(check)))
      }),
    )

/** Sizes of axes: small ones, those around a vector's and a tile's length, and now and then a long one. */
export const size = (most = 70): fc.Arbitrary<number> =>
  fc.oneof(
    { arbitrary: fc.integer({ min: 1, max: 9 }), weight: 4 },
    { arbitrary: fc.constantFrom(1, 15, 16, 17, 31, 32, 33, 64), weight: 2 },
    { arbitrary: fc.integer({ min: 1, max: most }), weight: 1 },
  )

const nasty = [0, -0, 1e-45, -1e-45, 1e-38, -1e-38, 1e30, -1e30, 3.4e38, -3.4e38, Infinity, -Infinity, NaN].map(
  Math.fround,
)

/** Float32 numbers; `tame` ones are between -4 and 4. */
export const number = (kind: "tame" | "any"): fc.Arbitrary<number> => {
  const tame = fc.float({ min: -4, max: 4, noNaN: true })
  if (kind === "tame") return tame
  return fc.oneof({ arbitrary: tame, weight: 4 }, { arbitrary: fc.float(), weight: 2 }, fc.constantFrom(...nasty))
}

/** So many float32 numbers without order from a seed: cheaper for the library of properties than an array of them. */
export const draws = (seed: number, count: number, from = -2, to = 2): Float32Array =>
  Float32Array.from({ length: count }, (_, i) => {
    const h = Math.imul((Math.imul(seed + 1, 0x9e3779b1) + i) ^ (i >>> 7), 0x85ebca6b) >>> 0
    return from + (((h ^ (h >>> 13)) >>> 4) / 2 ** 28) * (to - from)
  })

/** Bits of a float32 in order: neighbours differ by 1, and the zeros are one. */
const order = (x: number): number => {
  const [bits] = new Int32Array(Float32Array.of(x).buffer)
  return bits! < 0 ? -(bits! & 0x7fffffff) : bits!
}

/** How many float32 numbers lie between what came out and what should have, rounded: 0 for two NaN, Infinity for one. */
export const ulps = (actual: number, wanted: number): number => {
  if (Number.isNaN(actual) || Number.isNaN(wanted)) return Object.is(actual, wanted) ? 0 : Infinity
  return Math.abs(order(actual) - order(Math.fround(wanted)))
}
