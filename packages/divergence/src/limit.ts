/** An expression at one ratio, and its limits at 0 and infinity. */
import { at } from "./calculus/evaluate.ts"
import type { Expression } from "./calculus/expression.ts"
import { float64 } from "./float64.ts"

const far = [1e3, 1e6, 1e9, 1e12, 1e15]

/**
 * The limit for `u -> 0` or `u -> infinity`, infinite where there is none. In log space `u = e^-1000000` is a number like
 * any other, so a limit is what `x` settles on (to 1e-9) as `log u` goes from 1e3 to 1e15.
 */
export const limit = (x: Expression, end: "zero" | "infinity"): number => {
  const values = far.map((l) => evaluate(x, end === "zero" ? -l : l))
  for (const [i, value] of values.entries()) {
    const next = values[i + 1]
    if (next === undefined || Number.isNaN(value)) break
    if (value === next || Math.abs(next - value) <= 1e-9 * Math.max(1, Math.abs(value))) return value
  }
  const last = values.at(-1)!
  return Number.isNaN(last) ? last : last * Number.POSITIVE_INFINITY
}

/** `x` at `u = exp(logU)`; for an infinite `logU` the limit there. */
export const evaluate = (x: Expression, logU: number): number => {
  if (!Number.isFinite(logU)) return limit(x, logU < 0 ? "zero" : "infinity")
  const here = at(float64, logU, 0)
  const value = here.value(x) as number
  if (!Number.isNaN(value)) return value
  const { m, e } = here.magnitude(x) as { readonly m: number; readonly e: number }
  return m === 0 ? 0 : m * Math.exp(e)
}

/** `x` at each of `u = exp(logU)`, finite. */
export const evaluateAll = (x: Expression, logU: Float64Array): Float64Array => {
  const values = at(float64, logU, 0).value(x)
  return typeof values === "number" ? logU.map(() => values) : values
}

/**
 * Where a function that rises along the line reaches `goal`; -infinity or infinity when it stays above or below. By
 * bisection, to the last bits.
 */
export const solve = (rising: (x: number) => number, goal: number): number => {
  let reach = 1
  while (reach < 1e9 && (rising(reach) < goal || rising(-reach) > goal)) reach *= 2
  if (rising(reach) < goal) return Number.POSITIVE_INFINITY
  if (rising(-reach) > goal) return Number.NEGATIVE_INFINITY
  let low = -reach
  let high = reach
  for (let i = 0; i < 200; i++) {
    const middle = (low + high) / 2
    if (middle <= low || middle >= high) break
    if (rising(middle) < goal) low = middle
    else high = middle
  }
  return high
}
