/**
 * Expressions at a ratio, in log space: float64 or tensors.
 *
 * `u` is given as two logarithms, and a monomial as `m * exp(e)` with its powers in `e`. So `target log u` is never
 * `model * (u log u)` with an overflow inside, and a ratio may be as large as its logarithm can be written.
 */
import type { Elementwise } from "../arithmetic.ts"
import type { Atom, Expression, Factor, Monomial } from "./expression.ts"

/** `m * exp(e)`. */
interface Magnitude<N> {
  readonly m: N | number
  readonly e: N | number
}

/** `base` without the operations that change nothing: on a device each costs a kernel. */
const lean = <N>(base: Elementwise<N>): Elementwise<N> => ({
  ...base,
  add: (x, y) => (x === 0 ? y : y === 0 ? x : base.add(x, y)),
  sub: (x, y) => (y === 0 ? x : base.sub(x, y)),
  mul: (x, y) => (x === 0 || y === 0 ? 0 : x === 1 ? y : y === 1 ? x : base.mul(x, y)),
  div: (x, y) => (y === 1 ? x : base.div(x, y)),
  pow: (x, c) => (c === 1 ? x : c === 2 ? base.mul(x, x) : c === -1 ? base.div(1, x) : base.pow(x, c)),
})

/** Reads expressions at `log u = logTarget - logModel`. */
export interface At<N> {
  readonly value: (x: Expression) => N | number
  /** `x` as `m * exp(e)`: what dominates it, where its parts are infinite one by one. */
  readonly magnitude: (x: Expression) => Magnitude<N>
  /** `model * x`, finite wherever it is in the mathematics and the number type can hold it. */
  readonly timesModel: (x: Expression) => N | number
}

const scales = ({ atom: { kind } }: Factor) => kind === "sum" || kind === "exp" || kind === "power-log"

export const at = <N>(elementwise: Elementwise<N>, logTarget: N | number, logModel: N | number): At<N> => {
  const a = lean(elementwise)
  const { add, sub, mul, div } = a
  const negative = (x: N | number) => (typeof x === "number" ? -x : mul(-1, x))
  const logU = sub(logTarget, logModel)

  const known = new Map<string, Magnitude<N>>()
  const magnitude = (atom: Atom): Magnitude<N> => {
    const result = known.get(atom.id) ?? compute(atom)
    known.set(atom.id, result)
    return result
  }
  const compute = ({ kind, of, c }: Atom): Magnitude<N> => {
    switch (kind) {
      case "log-u":
        return { m: logU, e: 0 }
      case "sum":
        return joined(of)
      case "log": {
        const { m, e } = joined(of)
        return { m: add(a.log(m), e), e: 0 }
      }
      case "exp":
        return { m: 1, e: value(of) }
      case "power-log": {
        // y = c log x: e^y - 1 = (e^min(y, 0) - e^-max(y, 0)) e^max(y, 0), where one of the two is 1
        const { m, e } = joined(of)
        const y = mul(c, add(m === 1 ? 0 : a.log(m), e))
        const above = a.max(y, 0)
        return { m: div(sub(a.expm1(sub(y, above)), a.expm1(negative(above))), c), e: above }
      }
      case "log1p": {
        // of x = e^y: max(y, 0) + log(1 + e^-|y|); of x = -e^y: log(1 - e^y)
        const { m, e } = joined(of)
        const above = add(a.log(a.max(m, 0)), e)
        const below = add(a.log(a.max(negative(m), 0)), e)
        const rise = add(a.max(above, 0), a.log1p(a.exp(negative(a.abs(above)))))
        return { m: add(rise, a.log1p(negative(a.exp(negative(a.max(negative(below), 0)))))), e: 0 }
      }
      case "sign":
        return { m: a.sign(joined(of).m), e: 0 }
    }
  }

  const raised = ({ atom, power }: Factor): Magnitude<N> => {
    const { m, e } = magnitude(atom)
    return { m: m === 1 ? 1 : a.pow(m, power), e: mul(power, e) }
  }
  /** Monomials of one exponent added up: `(k1 m1 + k2 m2 + ...) e^c`. */
  const parts = (x: Expression): ReadonlyArray<Magnitude<N> & Pick<Monomial, "c">> =>
    [
      ...Map.groupBy(x, ({ c, factors }) =>
        [c, ...factors.filter(scales).map((f) => f.atom.id + f.power)].join(),
      ).values(),
    ].map((group) => {
      const { c, factors } = group[0]!
      const shared = factors.filter(scales).map(raised)
      const own = group
        .map(({ k, factors }) => factors.filter((f) => !scales(f)).reduce<N | number>((m, f) => mul(m, raised(f).m), k))
        .reduce((sum, m) => add(sum, m))
      return {
        m: shared.reduce((m, f) => mul(m, f.m), own),
        e: shared.reduce<N | number>((e, f) => add(e, f.e), 0),
        c,
      }
    })
  /** The sum as one magnitude, at the largest exponent of its parts. */
  const joined = (x: Expression): Magnitude<N> => {
    const all = parts(x).map(({ m, e, c }) => ({ m, e: add(mul(c, logU), e) }))
    if (all.length < 2) return all[0] ?? { m: 0, e: 0 }
    const top = all.map(({ e }) => e).reduce((x, y) => a.max(x, y))
    const m = all.map((p) => mul(p.m, a.exp(sub(p.e, top)))).reduce((x, y) => add(x, y))
    return { m, e: top }
  }
  const value = (x: Expression): N | number =>
    parts(x)
      .map(({ m, e, c }) => mul(m, a.exp(add(mul(c, logU), e))))
      .reduce<N | number>((x, y) => add(x, y), 0)
  return {
    value,
    magnitude: joined,
    // model * u^c = exp(c logTarget + (1 - c) logModel)
    timesModel: (x) =>
      parts(x)
        .map(({ m, e, c }) => mul(m, a.exp(add(add(mul(c, logTarget), mul(1 - c, logModel)), e))))
        .reduce<N | number>((x, y) => add(x, y), 0),
  }
}
