/** Random distributions, and small operations on them. */
import * as fc from "fast-check"

export type Row = ReadonlyArray<number>

export const normalised = (weights: ReadonlyArray<number>): Row => {
  const total = weights.reduce((sum, w) => sum + w, 0)
  return weights.map((w) => w / total)
}
const weights = (classes: number, least: number) =>
  fc
    .array(fc.integer({ min: least, max: 1000 }), { minLength: classes, maxLength: classes })
    .filter((ws) => ws.some((w) => w > 0))
    .map(normalised)

const tuple = (count: number, least: number) =>
  fc
    .integer({ min: 2, max: 6 })
    .chain((classes) => fc.array(weights(classes, least), { minLength: count, maxLength: count }))

/** Distributions over the same classes; some of their probabilities are exactly 0. */
export const withZeros = (count: number) => tuple(count, 0)
/** Distributions over the same classes, all of full support. */
export const full = (count: number) => tuple(count, 1)

export const product = (p: Row, q: Row): Row => p.flatMap((a) => q.map((b) => a * b))
export const mixture = (p: Row, q: Row, w: number): Row => p.map((a, i) => w * a + (1 - w) * q[i]!)
/** Classes 0 and 1 as one. */
export const merged = ([a, b, ...rest]: Row): Row => [a! + b!, ...rest]

/** `x <= y` up to rounding. */
export const atMost = (x: number, y: number) => x <= y + 1e-9 * (1 + Math.abs(y))
export const close = (x: number, y: number, tolerance = 1e-9) =>
  x === y || Math.abs(x - y) <= tolerance * Math.max(1, Math.abs(x), Math.abs(y))
