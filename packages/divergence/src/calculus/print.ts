/** Expressions as people write them. */
import type { Atom, Expression, Factor, Monomial } from "./expression.ts"

const number = (k: number): string => {
  for (const whole of [1, 2, 3, 4, 6, 8])
    if (Math.abs(k * whole - Math.round(k * whole)) < 1e-12 && Math.abs(k) < 1e6)
      return whole === 1 ? `${Math.round(k)}` : `${Math.round(k * whole)}/${whole}`
  return String(Number(k.toPrecision(6)))
}

const raised = (base: string, p: number): string => (p === 1 ? base : `${base}^${number(p)}`)

const ofAtom = ({ kind, of, c }: Atom, u: string): string => {
  switch (kind) {
    case "log-u":
      return `log ${u}`
    case "sum":
      return `(${print(of, u)})`
    case "power-log": {
      const base = print(of, u)
      return `((${raised(base === u ? u : `(${base})`, c)} - 1) / ${number(c)})`
    }
    case "log":
    case "exp":
    case "log1p":
    case "sign":
      return `${kind}(${print(of, u)})`
  }
}

const under = ({ power }: Factor) => power < 0

const ofMonomial = ({ k, c, factors }: Monomial, u: string): string => {
  const above = [
    ...(c === 0 ? [] : [raised(u, c)]),
    ...factors.filter((f) => !under(f)).map((f) => raised(ofAtom(f.atom, u), f.power)),
  ]
  const size = number(Math.abs(k))
  const top = above.length === 0 ? size : [...(size === "1" ? [] : [size]), ...above].join(" ")
  return [top, ...factors.filter(under).map((f) => raised(ofAtom(f.atom, u), -f.power))].join(" / ")
}

/** `x` in plain text, in a variable of the given name: `u log u - u + 1`. */
export const print = (x: Expression, u = "u"): string =>
  x.length === 0
    ? "0"
    : x.map((m, i) => (m.k < 0 ? (i === 0 ? "-" : " - ") : i === 0 ? "" : " + ") + ofMonomial(m, u)).join("")
