/** Generators on float64 numbers, and on arrays of them element by element. */
import type { Rows } from "./arithmetic.ts"

type Value = Float64Array | number

const each = (f: (x: number) => number) => (x: Value) => {
  if (typeof x === "number") return f(x)
  const out = new Float64Array(x.length)
  for (let i = 0; i < out.length; i++) out[i] = f(x[i]!)
  return out
}
const both =
  (f: (x: number, y: number) => number) =>
  (x: Value, y: Value): Value => {
    if (typeof x === "number") return typeof y === "number" ? f(x, y) : each((v) => f(x, v))(y)
    if (typeof y === "number") return each((v) => f(v, y))(x)
    const out = new Float64Array(x.length)
    for (let i = 0; i < out.length; i++) out[i] = f(x[i]!, y[i]!)
    return out
  }

const sum = (x: ArrayLike<number>): number => {
  let total = 0
  for (let i = 0; i < x.length; i++) total += x[i]!
  return total
}

/** `log sum exp(x)`, shifted by the largest entry; -infinity for no entries or only -infinity. */
export const logSumExp = (x: ArrayLike<number>): number => {
  let top = Number.NEGATIVE_INFINITY
  for (let i = 0; i < x.length; i++) top = Math.max(top, x[i]!)
  if (!Number.isFinite(top)) return top
  let total = 0
  for (let i = 0; i < x.length; i++) total += Math.exp(x[i]! - top)
  return top + Math.log(total)
}

/** The interpreter for float64: numbers, and rows of class values as `Float64Array` `[classes]`. */
export const float64: Rows<Float64Array> = {
  add: both((x, y) => x + y),
  sub: both((x, y) => x - y),
  mul: both((x, y) => x * y),
  div: both((x, y) => x / y),
  pow: (x, c) => each((v) => v ** c)(x),
  sqrt: each(Math.sqrt),
  exp: each(Math.exp),
  log: each(Math.log),
  expm1: each(Math.expm1),
  powerLog: (x, c) => each((v) => (c === 0 ? Math.log(v) : Math.expm1(c * Math.log(v)) / c))(x),
  log1p: each(Math.log1p),
  abs: each(Math.abs),
  sign: each(Math.sign),
  max: both(Math.max),
  sum: (x) => (typeof x === "number" ? x : sum(x)),
  logSumExp: (x) => (typeof x === "number" ? x : logSumExp(x)),
}
