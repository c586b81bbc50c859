/** Generators read as expressions, and the derivative of an expression. */
import type { Arithmetic, Generator } from "../arithmetic.ts"
import { atom, type Atom, type Expression, monomial, type Monomial, power, scaled, sum, times } from "./expression.ts"

const u = monomial(1, 1)
const logU = power(atom("log-u", []), 1)
const expression = (x: Expression | number): Expression => (typeof x === "number" ? monomial(x) : x)

/** `x = k u^c * rest`, `k > 0`, with a lowest term in `rest` of coefficient 1 or -1: equal sums get equal atoms. */
const primitive = (x: Expression): { readonly outer: Monomial; readonly rest: Expression } => {
  const lowest = x.at(-1)!
  const outer: Monomial = { k: Math.abs(lowest.k), c: lowest.c, factors: [] }
  return { outer, rest: times(x, monomial(1 / outer.k, -outer.c)) }
}

const pow = (x: Expression | number, p: number): Expression => {
  const base = expression(x)
  if (p === 0) return monomial(1)
  const [only] = base
  if (base.length === 1 && only !== undefined)
    return monomial(only.k ** p, only.c * p, ...only.factors.map((f) => ({ ...f, power: f.power * p })))
  if (only === undefined) return monomial(0 ** p)
  if (Number.isInteger(p) && p > 0 && p <= 8) return p === 1 ? base : times(base, pow(base, p - 1))
  const { outer, rest } = primitive(base)
  return times(monomial(outer.k ** p, outer.c * p), power(atom("sum", rest), p))
}

const log = (x: Expression | number): Expression => {
  const base = expression(x)
  const [only] = base
  if (only === undefined) return monomial(Number.NEGATIVE_INFINITY)
  if (base.length === 1)
    return sum(
      monomial(Math.log(only.k)),
      scaled(logU, only.c),
      ...only.factors.map(({ atom: inner, power: p }) =>
        scaled(
          inner.kind === "exp" ? inner.of : power(atom("log", inner.kind === "sum" ? inner.of : power(inner, 1)), 1),
          p,
        ),
      ),
    )
  const { outer, rest } = primitive(base)
  return sum(log([outer]), power(atom("log", rest), 1))
}

/** The part of `x` that is a constant, that is linear in `log u`, and the rest. */
const split = (x: Expression) => {
  const isLog = (m: Monomial) =>
    m.c === 0 && m.factors.length === 1 && m.factors[0]!.atom.kind === "log-u" && m.factors[0]!.power === 1
  const isConstant = (m: Monomial) => m.c === 0 && m.factors.length === 0
  return {
    constant: x.find(isConstant)?.k ?? 0,
    linear: x.find(isLog)?.k ?? 0,
    rest: x.filter((m) => !isLog(m) && !isConstant(m)),
  }
}

const exp = (x: Expression | number): Expression => {
  const { constant, linear, rest } = split(expression(x))
  const own = rest.length === 0 ? monomial(1) : power(atom("exp", rest), 1)
  return times(monomial(Math.exp(constant), linear), own)
}

const sign = (x: Expression | number): Expression => {
  const base = expression(x)
  const [only] = base
  if (only === undefined) return []
  if (base.length === 1 && only.factors.length === 0) return monomial(Math.sign(only.k))
  return power(atom("sign", primitive(base).rest), 1)
}

export const symbolic: Arithmetic<Expression> = {
  add: (x, y) => sum(expression(x), expression(y)),
  sub: (x, y) => sum(expression(x), scaled(expression(y), -1)),
  mul: (x, y) => times(expression(x), expression(y)),
  div: (x, y) => times(expression(x), pow(y, -1)),
  pow,
  sqrt: (x) => pow(x, 0.5),
  exp,
  log,
  powerLog: (x, c) => {
    if (c === 0) return log(x)
    const base = expression(x)
    return Math.abs(c) < 0.5 ? power(atom("power-log", base, c), 1) : scaled(sum(pow(base, c), monomial(-1)), 1 / c)
  },
  log1p: (x) => {
    const { constant, linear, rest } = split(expression(x))
    return linear === 0 && rest.length === 0 ? monomial(Math.log1p(constant)) : power(atom("log1p", expression(x)), 1)
  },
  abs: (x) => times(sign(x), expression(x)),
  sign,
}

/** The normal form of a generator. */
export const read = (f: Generator): Expression => f(u, symbolic)

const slopeOf = (atom: Atom): Expression => {
  const { kind, of } = atom
  switch (kind) {
    case "log-u":
      return monomial(1)
    case "sum":
      return logSlope(of)
    case "log":
      return times(logSlope(of), pow(of, -1))
    case "exp":
      return times(logSlope(of), exp(of))
    case "power-log":
      return times(times(logSlope(of), pow(of, -1)), sum(monomial(1), scaled(power(atom, 1), atom.c)))
    case "log1p":
      return times(logSlope(of), pow(sum(monomial(1), of), -1))
    case "sign":
      return []
  }
}

/** `u dx/du`, the derivative along `log u`: there `u` is its own derivative. */
export const logSlope = (x: Expression): Expression =>
  sum(
    ...x.flatMap((m) => [
      scaled([m], m.c),
      ...m.factors.map(({ atom, power: p }, i) =>
        times(times([{ ...m, factors: m.factors.toSpliced(i, 1) }], scaled(power(atom, p - 1), p)), slopeOf(atom)),
      ),
    ]),
  )
