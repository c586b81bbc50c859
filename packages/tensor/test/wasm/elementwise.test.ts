import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { type Tensor, tf } from "../../src/index.ts"
import { erf } from "./erf.ts"
import { many, number, property, size, ulps } from "./property.ts"
import { raw } from "./raw.ts"

const sigmoid = (x: number) => (x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x)))
const functions = {
  exp: [tf.exp, Math.exp],
  log: [tf.log, Math.log],
  expm1: [tf.expm1, Math.expm1],
  log1p: [tf.log1p, Math.log1p],
  sqrt: [tf.sqrt, Math.sqrt],
  rsqrt: [tf.rsqrt, (x) => 1 / Math.sqrt(x)],
  sign: [tf.sign, (x) => (Number.isNaN(x) ? 0 : Math.sign(x))],
  relu: [tf.relu, (x) => (x < 0 ? 0 : x)],
  tanh: [tf.tanh, Math.tanh],
  sigmoid: [tf.sigmoid, sigmoid],
  softplus: [tf.softplus, (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))],
  erf: [tf.erf, erf],
} as const satisfies { [name: string]: readonly [(x: Tensor) => Tensor, (x: number) => number] }
type Name = keyof typeof functions
const names = Object.keys(functions) as ReadonlyArray<Name>

/** Those that aren't within 2 units in the last place. */
const wrong = (name: Name, given: Float32Array, found: ArrayLike<number>) =>
  [...given].flatMap((x, i) => {
    const wanted = functions[name][1](x)
    return ulps(found[i]!, wanted) > 2 ? [{ name, x, found: found[i], wanted }] : []
  })

const computed = async (name: Name, given: Float32Array): Promise<Float32Array> => {
  const out = tf.tidy(() => functions[name][0](tf.tensor1d(given)))
  const values = await out.data<"float32">()
  out.dispose()
  return values
}

/** Numbers of every exponent and sign, NaN of all sorts among them: bits at even distances from a place on. */
const everywhere = (from: number, count: number) => {
  const step = 2 ** 32 / count
  return new Float32Array(Int32Array.from({ length: count }, (_, i) => (from + i * step) | 0).buffer)
}

describe("one operation on each number", () => {
  const anywhere = fc.record({ name: fc.constantFrom(...names), from: fc.integer() })
  it(
    "is right over all of float32",
    many,
    property(anywhere, async ({ name, from }) => {
      const given = everywhere(from, 1024)
      expect(wrong(name, given, await computed(name, given))).toEqual([])
    }),
  )

  const cases = fc.record({
    name: fc.constantFrom(...names),
    values: fc.oneof(fc.constant(0), size(40)).chain((n) => fc.array(number("any"), { minLength: n, maxLength: n })),
  })
  it(
    "whatever the count and the addresses",
    many,
    property(cases, async ({ name, values }) => {
      const given = Float32Array.from(values)
      const { y } = raw(name, { x: given, y: given.length }, ["y"], ({ x, y }) => [x!, y!, given.length])
      expect(wrong(name, given, y!)).toEqual([])
    }),
  )

  it(
    "writes where it reads",
    many,
    property(cases, async ({ name, values }) => {
      const given = Float32Array.from(values)
      const { x } = raw(name, { x: given }, ["x"], ({ x }) => [x!, x!, given.length])
      expect(x).toEqual(await computed(name, given))
    }),
  )
})

describe("a clip", () => {
  const bound = fc.constantFrom(-Infinity, -1e30, -1, 0, 0.5, 2, 1e30, Infinity).map(Math.fround)
  const cases = fc
    // Of bounds that are one the library itself makes a constant.
    .record({ bounds: fc.tuple(bound, bound).filter(([a, b]) => a !== b), length: size(40) })
    .chain(({ bounds: [a, b], length }) =>
      fc
        .array(number("any"), { minLength: length, maxLength: length })
        .map((values) => ({ low: Math.min(a, b), high: Math.max(a, b), given: Float32Array.from(values) })),
    )
  const clipped = (x: number, low: number, high: number) => Math.max(low, Math.min(x, high)) + 0

  it(
    "takes what is between its bounds, and leaves NaN what it is",
    many,
    property(cases, async ({ low, high, given }) => {
      const wanted = [...given].map((x) => clipped(x, low, high))
      const out = tf.tidy(() => tf.clipByValue(tf.tensor1d(given), low, high))
      expect(Array.from(await out.data(), (x) => x + 0)).toEqual(wanted)
      out.dispose()
      const { y } = raw("clip", { x: given, y: given.length }, ["y"], ({ x, y }) => [x!, y!, given.length, low, high])
      expect(Array.from(y!, (x) => x + 0)).toEqual(wanted)
    }),
  )

  const whole = fc.oneof(fc.integer({ min: -9, max: 9 }), fc.integer())
  const edge = fc.constantFrom(-Infinity, -3e9, -2.5, -2, 0.5, 3, 3e9, Infinity)
  const integers = fc.record({
    bounds: fc.tuple(edge, edge).filter(([low, high]) => low < high && low < 2 ** 31 && high > -(2 ** 31)),
    given: size(40).chain((n) => fc.array(whole, { minLength: n, maxLength: n })),
  })
  it(
    "of whole numbers takes the whole ones between",
    many,
    property(integers, async ({ bounds: [low, high], given }) => {
      const out = tf.tidy(() => tf.clipByValue(tf.tensor1d(given, "int32"), low, high))
      const wanted = given.map((x) => (x < low ? Math.ceil(low) : x > high ? Math.floor(high) : x))
      expect(Array.from(await out.data(), (x) => x + 0)).toEqual(wanted.map((x) => x + 0))
      out.dispose()
    }),
  )
})

it("the reference of erf agrees with published values", () => {
  const known = { 0.1: 0.1124629160182849, 0.5: 0.5204998778130465, 1: 0.8427007929497149, 2: 0.9953222650189527 }
  for (const [x, y] of Object.entries(known)) expect(Math.abs(erf(Number(x)) - y)).toBeLessThan(1e-14)
  expect(Math.abs(1 - erf(3.5) - 7.430983723414128e-7)).toBeLessThan(1e-15)
  expect(Math.abs(erf(3 - 1e-12) - erf(3))).toBeLessThan(1e-14)
})
