/** Functions of a state that stand beside it, so that its dynamics look linear: what extended DMD is told instead of learning it. */
import { Count, orElse, Positive } from "@relent/named"
import { Schema } from "effect"

/** How a document writes a dictionary. */
export const Dictionary = Schema.Union([
  Schema.Literal("linear").annotate({ description: "the state alone: dynamic mode decomposition" }),
  Schema.Struct({ polynomial: Schema.Struct({ degree: orElse(Count, 3) }) }).annotate({
    description: "1 and all monomials up to a degree",
  }),
  Schema.Struct({ rbf: Schema.Struct({ centres: orElse(Count, 25), width: orElse(Positive, 1) }) }).annotate({
    description: "the state, 1, and exp(-|x - c|^2 / (2 width^2)) around some states c of the data, standardised",
  }),
])
export type Dictionary = typeof Dictionary.Type

/** Exponents of all monomials of `n` variables with this total degree. */
const exponents = (n: number, degree: number): ReadonlyArray<ReadonlyArray<number>> =>
  n === 1
    ? [[degree]]
    : Array.from({ length: degree + 1 }, (_, k) => degree - k).flatMap((first) =>
        exponents(n - 1, degree - first).map((rest) => [first, ...rest]),
      )

/** Exponents of the polynomial dictionary: the state first, then higher degrees. */
export const monomials = (n: number, degree: number): ReadonlyArray<ReadonlyArray<number>> =>
  Array.from({ length: degree }, (_, d) => exponents(n, d + 1)).flat()

/**
 * The functions of states `[rows, n]`, `[rows, d]`: the state's own coordinates first, then 1, then the others.
 *
 * @reference williams2015edmd
 */
export const lift = (
  dictionary: Dictionary,
  centres: Float64Array,
  n: number,
  states: Float32Array | Float64Array,
): Float64Array => {
  const powers =
    typeof dictionary === "object" && "polynomial" in dictionary ? monomials(n, dictionary.polynomial.degree) : []
  const width = typeof dictionary === "object" && "rbf" in dictionary ? dictionary.rbf.width : 1
  const of = (x: ReadonlyArray<number>): ReadonlyArray<number> => {
    if (dictionary === "linear") return x
    const higher = powers.slice(n).map((power) => power.reduce((product, p, k) => product * x[k]! ** p, 1))
    const around = Array.from({ length: centres.length / n }, (_, c) => {
      const square = x.reduce((sum, v, k) => sum + (v - centres[c * n + k]!) ** 2, 0)
      return Math.exp(-square / (2 * width * width))
    })
    return [...x, 1, ...higher, ...around]
  }
  const rows = Array.from({ length: states.length / n }, (_, i) => of([...states.subarray(i * n, (i + 1) * n)]))
  const d = rows[0]?.length ?? 0
  const out = new Float64Array(rows.length * d)
  rows.forEach((row, i) => out.set(row, i * d))
  return out
}
