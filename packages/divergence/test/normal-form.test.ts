/** The normal form and its derivative, on random functions, against plain arithmetic and differences. */
import * as fc from "fast-check"
import { expect, it } from "vitest"
import { logSlope, read } from "../src/calculus/symbolic.ts"
import { print } from "../src/calculus/print.ts"
import { evaluate } from "../src/limit.ts"
import { float64, type Generator } from "../src/index.ts"
import { close } from "./distributions.ts"

/** A function of `u` that is above 0, and how it is written. */
interface Positive {
  readonly text: string
  readonly f: Generator
}
const written = (text: string, f: Generator): Positive => ({ text, f })

const { positive } = fc.letrec<{ positive: Positive }>((tie) => {
  const one = tie("positive")
  const two = fc.tuple(one, one)
  const withNumber = (...numbers: ReadonlyArray<number>) => fc.tuple(one, fc.constantFrom(...numbers))
  const leaf = fc.constantFrom(
    written("u", (u) => u),
    ...[0.5, 1, 2, 3].map((k) => written(`${k}`, (u, { mul, pow }) => mul(k, pow(u, 0)))),
  )
  const node = fc.oneof(
    two.map(([x, y]) => written(`(${x.text} + ${y.text})`, (u, a) => a.add(x.f(u, a), y.f(u, a)))),
    two.map(([x, y]) => written(`${x.text} * ${y.text}`, (u, a) => a.mul(x.f(u, a), y.f(u, a)))),
    two.map(([x, y]) => written(`${x.text} / ${y.text}`, (u, a) => a.div(x.f(u, a), y.f(u, a)))),
    withNumber(-2, -1, -0.5, 0.3, 0.5, 2, 3).map(([x, c]) =>
      written(`(${x.text})^${c}`, (u, a) => a.pow(x.f(u, a), c)),
    ),
    withNumber(-0.2, 0, 0.2, 0.7).map(([x, c]) =>
      written(`powerLog(1 + ${x.text}, ${c})`, (u, a) => a.powerLog(a.add(1, x.f(u, a)), c)),
    ),
    one.map((x) => written(`log1p(${x.text})`, (u, a) => a.log1p(x.f(u, a)))),
    one.map((x) => written(`exp(-${x.text})`, (u, a) => a.exp(a.mul(-1, x.f(u, a))))),
    one.map((x) => written(`(1 + |log(${x.text})|)`, (u, a) => a.add(1, a.abs(a.log(x.f(u, a)))))),
  )
  return { positive: fc.oneof({ maxDepth: 4, withCrossShrink: true }, leaf, node) }
})

const plain = (f: Generator, l: number) => f<number | Float64Array>(Math.exp(l), float64) as number

it("is the same function", () => {
  fc.assert(
    fc.property(positive, fc.double({ min: -2, max: 2, noNaN: true }), ({ f }, l) => {
      const expected = plain(f, l)
      return !(Math.abs(expected) < 1e6 && Math.abs(expected) > 1e-6) || close(evaluate(read(f), l), expected, 1e-7)
    }),
    { numRuns: 1500, seed: 1 },
  )
})

it("has the derivative that differences show", () => {
  const h = 1e-5
  fc.assert(
    fc.property(positive, fc.double({ min: -2, max: 2, noNaN: true }), ({ f }, l) => {
      const [below, middle, above] = [l - h, l, l + h].map((x) => plain(f, x)) as [number, number, number]
      const byDifferences = (above - below) / (2 * h)
      const kinked = Math.abs(above - 2 * middle + below) / h > 1e-3
      if (!(Math.abs(middle) < 1e3) || kinked) return true
      return close(evaluate(logSlope(read(f)), l), byDifferences, 1e-4 * (1 + Math.abs(middle)))
    }),
    { numRuns: 1000, seed: 1 },
  )
})

it("cancels what is equal", () => {
  const halves: Generator = (u, { add, sub, div }) => sub(div(u, add(1, u)), sub(1, div(1, add(1, u))))
  expect(read(halves)).toEqual([])
  const squares: Generator = (u, { add, sub, mul, pow }) => sub(pow(add(u, 1), 2), add(mul(u, add(u, 2)), 1))
  expect(read(squares)).toEqual([])
  expect(print(read((u, { add, div, mul }) => div(mul(u, add(u, 1)), add(mul(2, u), 2))))).toBe("1/2 u")
  expect(print(read((u, { log, pow, mul }) => log(mul(3, pow(u, 2)))))).toBe("2 log u + 1.09861")
})
