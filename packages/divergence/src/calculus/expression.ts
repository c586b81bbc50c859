/**
 * The normal form of a generator: a sum of monomials in `u`, in its logarithm, and in functions of other sums.
 *
 * It is what keeps derived quantities exact. For Jensen–Shannon, `f - u f'` is `-log((1 + u) / 2) / 2`; computed in numbers
 * it would be the difference of two terms that grow like `u`, and lose every digit once `u` passes 1e16 (1e7 in float32).
 */

/** A function of a sum; `sum` stands for the sum itself, raised to a power that can't be multiplied out. */
export interface Atom {
  readonly kind: "log-u" | "sum" | "log" | "exp" | "power-log" | "log1p" | "sign"
  readonly of: Expression
  /** Of a power-log, `(x^c - 1) / c`. */
  readonly c: number
  /** Equal atoms have equal ids. */
  readonly id: string
}
export interface Factor {
  readonly atom: Atom
  readonly power: number
}
/** `k * u^c * product of factors`. */
export interface Monomial {
  readonly k: number
  readonly c: number
  readonly factors: ReadonlyArray<Factor>
}
export type Expression = ReadonlyArray<Monomial>

const idOf = ({ c, factors }: Omit<Monomial, "k">): string =>
  [c, ...factors.map(({ atom, power }) => `${atom.id}^${power}`)].join("*")
const id = (x: Expression): string => x.map((m) => `${m.k}*${idOf(m)}`).join("+")

export const atom = (kind: Atom["kind"], of: Expression, c = 0): Atom => ({
  kind,
  of,
  c,
  id: `${kind}(${id(of)};${c})`,
})
export const monomial = (k: number, c = 0, ...factors: ReadonlyArray<Factor>): Expression =>
  k === 0 ? [] : [{ k, c, factors }]
export const power = (atom: Atom, p: number): Expression => (p === 0 ? monomial(1) : monomial(1, 0, { atom, power: p }))

/** Coefficients that differ by rounding alone cancel. */
const rounding = 1e-14

const merge = (monomials: Expression): Expression => {
  const sums = new Map<string, { m: Monomial; k: number; size: number }>()
  for (const m of monomials) {
    const known = sums.get(idOf(m)) ?? { m, k: 0, size: 0 }
    sums.set(idOf(m), { m, k: known.k + m.k, size: known.size + Math.abs(m.k) })
  }
  return [...sums.values()]
    .filter(({ k, size }) => !(Math.abs(k) <= rounding * size))
    .map(({ m, k }) => ({ ...m, k }))
    .toSorted((a, b) => b.c - a.c || b.factors.length - a.factors.length || (idOf(a) < idOf(b) ? -1 : 1))
}

const product = (x: Monomial, y: Monomial): Monomial => {
  const factors = [...x.factors]
  for (const factor of y.factors) {
    const i = factors.findIndex(({ atom }) => atom.id === factor.atom.id)
    if (i < 0) factors.push(factor)
    else factors[i] = { ...factor, power: factors[i]!.power + factor.power }
  }
  return {
    k: x.k * y.k,
    c: x.c + y.c,
    factors: factors
      .map(({ atom, power }) => ({ atom, power: atom.kind === "sign" ? power % 2 : power }))
      .filter(({ power }) => power !== 0)
      .toSorted((a, b) => (a.atom.id < b.atom.id ? -1 : 1)),
  }
}
const products = (x: Expression, y: Expression): Expression =>
  merge(x.flatMap((a) => y.flatMap((b) => expanded(product(a, b)))))

/** A sum with a whole positive power, as its products with itself. */
const expanded = (m: Monomial): Expression => {
  const i = m.factors.findIndex(({ atom, power }) => atom.kind === "sum" && power > 0 && Number.isInteger(power))
  if (i < 0) return [m]
  const { atom, power: p } = m.factors[i]!
  return products([product({ ...m, factors: m.factors.toSpliced(i, 1) }, power(atom, p - 1)[0]!)], atom.of)
}

/** `x / y` where that leaves no remainder (by long division in powers of `u`). */
const quotient = (x: Expression, y: Expression): Expression | undefined => {
  const lead = y[0]!
  let rest = x
  let result: Expression = []
  for (let step = 0; rest.length > 0; step++) {
    if (step > 12 || lead.factors.length > 0) return undefined
    const next = product(rest[0]!, { k: 1 / lead.k, c: -lead.c, factors: [] })
    result = [...result, next]
    rest = merge([...rest, ...products(y, [{ ...next, k: -next.k }])])
    if (rest[0] !== undefined && rest[0].c >= next.c + lead.c) return undefined
  }
  return merge(result)
}

const isDenominator = ({ atom, power }: Factor) => atom.kind === "sum" && power < 0 && Number.isInteger(power)

/** One fraction in lowest terms for all monomials that differ by powers of `u` and denominators alone. */
const reduce = (x: Expression): Expression => {
  const groups = Map.groupBy(x, ({ factors }) => idOf({ c: 0, factors: factors.filter((f) => !isDenominator(f)) }))
  return merge([...groups.values()].flatMap(inLowestTerms))
}

const inLowestTerms = (group: Expression): Expression => {
  const denominators = new Map<string, Factor>()
  for (const factor of group.flatMap(({ factors }) => factors.filter(isDenominator)))
    if (factor.power < (denominators.get(factor.atom.id)?.power ?? 0)) denominators.set(factor.atom.id, factor)
  let result = group
  for (const { atom, power: lowest } of denominators.values()) {
    let over = -lowest
    const raise = (m: Monomial): Expression => {
      const own = m.factors.find((f) => f.atom.id === atom.id && isDenominator(f))?.power ?? 0
      let raised: Expression = [product(m, power(atom, -own)[0]!)]
      for (let i = lowest; i < own; i++) raised = products(raised, atom.of)
      return raised
    }
    let numerator = merge(result.flatMap(raise))
    for (let less = quotient(numerator, atom.of); less && over > 0; less = quotient(numerator, atom.of)) {
      numerator = less
      over -= 1
    }
    result = over === 0 ? numerator : numerator.map((m) => product(m, power(atom, -over)[0]!))
  }
  return result
}

export const sum = (...parts: ReadonlyArray<Expression>): Expression => reduce(merge(parts.flat()))
export const times = (x: Expression, y: Expression): Expression => reduce(products(x, y))
export const scaled = (x: Expression, k: number): Expression => times(monomial(k), x)

/** The last step, when nothing is derived any more: `x + c x (u^c - 1) / c`, which would cancel, is `x u^c`. */
export const finished = (x: Expression): Expression => {
  for (const m of x) {
    const i = m.factors.findIndex(({ atom, power }) => atom.kind === "power-log" && power === 1)
    if (i < 0) continue
    const { of, c } = m.factors[i]!.atom
    const [base] = of
    if (of.length > 1 || base === undefined || base.k !== 1 || base.factors.length > 0) continue
    const plain = { ...m, factors: m.factors.toSpliced(i, 1) }
    const other = x.find((y) => idOf(y) === idOf(plain) && Math.abs(y.k * c - m.k) <= rounding * Math.abs(y.k))
    if (other === undefined) continue
    const raised = { ...other, c: other.c + base.c * c }
    return finished(merge([...x.filter((y) => y !== m && y !== other), raised]))
  }
  return x
}
