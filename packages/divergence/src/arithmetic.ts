/** The few operations a generator is written in. */

/** Numbers of some kind: float64, tensors, sums of exponentials, pairs with a derivative. Plain numbers mix with all. */
export interface Arithmetic<N> {
  readonly add: (x: N | number, y: N | number) => N
  readonly sub: (x: N | number, y: N | number) => N
  readonly mul: (x: N | number, y: N | number) => N
  readonly div: (x: N | number, y: N | number) => N
  /** `x^c` for a fixed exponent. */
  readonly pow: (x: N | number, c: number) => N
  readonly sqrt: (x: N | number) => N
  readonly exp: (x: N | number) => N
  readonly log: (x: N | number) => N
  /** `(x^c - 1) / c`, at `c = 0` its limit `log x`: what makes a family continuous in its parameter. */
  readonly powerLog: (x: N | number, c: number) => N
  /** `log(1 + x)`, exact near 0. */
  readonly log1p: (x: N | number) => N
  readonly abs: (x: N | number) => N
  /** -1, 0 or 1: what a kink's derivative needs. */
  readonly sign: (x: N | number) => N
}

/** An arithmetic in which plain numbers stay plain numbers, with what log space needs besides. */
export interface Elementwise<N> extends Arithmetic<N | number> {
  readonly max: (x: N | number, y: N | number) => N | number
  /** `exp(x) - 1`, exact near 0. */
  readonly expm1: (x: N | number) => N | number
}

/** Arithmetic on the classes of a row, with its two reductions. */
export interface Rows<N> extends Elementwise<N> {
  readonly sum: (x: N | number) => N | number
  /** `log sum exp`, shifted by the largest: no overflow; of nothing it is -infinity. */
  readonly logSumExp: (x: N | number) => N | number
}

/**
 * A function `f` of the ratio `u = target / model`, written once for every arithmetic: `D_f = E_model[f(u)]`.
 *
 * ```ts example
 * import { type Generator, float64 } from "@relent/divergence"
 * const kl: Generator = (u, { add, sub, mul, log }) => add(sub(mul(u, log(u)), u), 1)
 * kl<number | Float64Array>(2, float64) // => 2 * Math.log(2) - 1
 * ```
 */
export type Generator = <N>(u: N, arithmetic: Arithmetic<N>) => N
