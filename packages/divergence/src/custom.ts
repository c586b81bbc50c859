/** A generator of somebody else, judged and made a full member. */
import { Named } from "@relent/named"
import { Data, Effect } from "effect"
import type { Generator } from "./arithmetic.ts"
import { tilted } from "./calculus/derived.ts"
import { print } from "./calculus/print.ts"
import { read } from "./calculus/symbolic.ts"
import { type Definition, FDivergence } from "./f-divergence.ts"
import { evaluate, evaluateAll } from "./limit.ts"

/** What a user writes: one convex function of `u = target / model` with `f(1) = 0`. */
export interface Custom {
  readonly f: Generator
  /** How to show it; left out, it is printed from `f`. */
  readonly formula?: string
}

/** Registers a divergence of one's own; it is judged where it is used. */
export const define = Named.kind<Custom>("divergence").define

/** A function that makes no divergence. */
export class NotADivergence extends Data.TaggedError("NotADivergence")<{
  readonly name: string
  readonly reason: string
}> {
  override get message() {
    return `'${this.name}' is not a divergence: ${this.reason}`
  }
}

/** `log u` from -30 to 30, a 64th apart: ratios from 1e-13 to 1e13. A fault narrower than that isn't seen. */
const grid = Float64Array.from({ length: 3841 }, (_, i) => (i - 1920) / 64)
const near = (x: number, y: number, size = Math.abs(x) + Math.abs(y)) => Math.abs(x - y) <= 1e-9 * size
const shown = (x: number) => String(Number(x.toPrecision(4)))

/** What is wrong with `f`, if something is: it must be finite, convex, 0 at 1, and not 0 around 1. */
const fault = (d: FDivergence): string | undefined => {
  const { derived } = d
  const values = evaluateAll(derived.f, grid)
  const slopes = evaluateAll(derived.slope, grid)
  const u = (i: number) => shown(Math.exp(grid[i]!))
  const odd = values.findIndex((v, i) => !Number.isFinite(v) || Number.isNaN(slopes[i]))
  if (odd >= 0) return `f(${u(odd)}) is ${values[odd]}, its slope ${slopes[odd]}; both must be finite for every u > 0`
  const atOne = evaluate(derived.f, 0)
  if (Math.abs(atOne) > 1e-9) return `f(1) is ${shown(atOne)}, not 0; subtract ${shown(atOne)}`
  const isLess = (x: number, y: number) => x < y && (y - x === Infinity || !near(x, y))
  const falls = slopes.findIndex((s, i) => i > 0 && isLess(s, slopes[i - 1]!))
  if (falls > 0)
    return `f is not convex: its slope falls from ${shown(slopes[falls - 1]!)} at u = ${u(falls - 1)} to ${shown(slopes[falls]!)} at u = ${u(falls)}`
  const [first, last] = [slopes[0]!, slopes.at(-1)!]
  const [atZero, atInfinity] = [d.slopeAtZero, d.slopeAtInfinity]
  if (Number.isNaN(atZero) || isLess(first, atZero))
    return `f is not convex near 0: its slope is ${shown(first)} at u = ${u(0)}, and tends to ${atZero}`
  if (Number.isNaN(atInfinity) || isLess(atInfinity, last))
    return `f is not convex for large u: its slope is ${shown(last)} at u = ${u(grid.length - 1)}, and tends to ${atInfinity}`
  if (last === first) return "f is a straight line, so D is 0 for all distributions"
  return undefined
}

const isSymmetric = (d: FDivergence): boolean => {
  const [values, exchanged] = [evaluateAll(d.derived.f, grid), evaluateAll(d.dual().derived.f, grid)]
  return values.every((x, i) => near(x, exchanged[i]!, Math.exp(Math.max(0, grid[i]!))))
}

/** The full member of a registered generator, with its laws as far as they follow from `f`. */
export const judge = ({ name, value, ...origin }: Named<Custom>): Effect.Effect<FDivergence, NotADivergence> => {
  const refuse = (reason: string) => new NotADivergence({ name, reason })
  return Effect.try({
    try: () => {
      const member = (f: Generator, more: Partial<Definition> = {}) =>
        new FDivergence(
          { name, formula: "", f, laws: { symmetric: false, bounded: false }, ...more },
          { ...origin, name, value },
        )
      if (!Array.isArray(read(value.f)))
        return refuse(
          "f must be built with the arithmetic that it is given (add, mul, log, ...), not with JavaScript's",
        )
      const given = member(value.f)
      const wrong = fault(given)
      if (wrong !== undefined) return refuse(wrong)
      const c = -given.slope(1)
      const f = Math.abs(c) > 1e-12 ? tilted(value.f, c) : value.f
      const normal = member(f)
      if (evaluate(normal.derived.f, Math.LN2) + evaluate(normal.derived.f, -Math.LN2) <= 0)
        return refuse("f is a straight line around u = 1, so D is 0 for distributions that differ")
      return member(f, {
        formula: f === value.f && value.formula !== undefined ? value.formula : print(normal.derived.f),
        laws: { symmetric: isSymmetric(normal), bounded: Number.isFinite(normal.bound) && normal.bound },
        ...(f === value.f
          ? {}
          : { note: `f'(1) was ${shown(-c)}: ${shown(c)} (u - 1) is added, which changes no value` }),
      })
    },
    catch: (error) => refuse(`f can't be read: ${error instanceof Error ? error.message : String(error)}`),
  }).pipe(Effect.flatMap((result) => (result instanceof FDivergence ? Effect.succeed(result) : Effect.fail(result))))
}
