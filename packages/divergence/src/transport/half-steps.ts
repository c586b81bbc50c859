/** The two half-steps of Sinkhorn's iteration on potentials, in logarithms and on a kernel. */
import { logSumExp } from "../float64.ts"
import type { Checked } from "./problem.ts"

/** Each potential from the other one: with it, the plan `a_i b_j exp((f_i + g_j - C_ij) / epsilon)` has the row or column sums asked for. */
export interface HalfSteps {
  readonly rows: (g: Float64Array) => Float64Array
  readonly columns: (f: Float64Array) => Float64Array
}

/** `f_i = -epsilon log sum_j b_j exp((g_j - C_ij) / epsilon)`, and g alike: nothing under- or overflows. */
const inLogs = ({ cost, rows, columns, a, b }: Checked, epsilon: number): HalfSteps => {
  const half = (own: number, weights: Float64Array, at: (i: number, j: number) => number) => {
    const logWeights = weights.map(Math.log)
    const terms = new Float64Array(weights.length)
    return (other: Float64Array) =>
      Float64Array.from({ length: own }, (_, i) => {
        for (let j = 0; j < terms.length; j++) terms[j] = logWeights[j]! + (other[j]! - cost[at(i, j)]!) / epsilon
        return -epsilon * logSumExp(terms)
      })
  }
  return {
    rows: half(rows, b, (i, j) => i * columns + j),
    columns: half(columns, a, (j, i) => i * columns + j),
  }
}

/** Scalings beyond it are absorbed; what the kernel has lost to underflow then counts less than `largest^2 1e-308`. */
const largest = 1e100
const holds = (x: Float64Array) => x.every((v) => v >= 1 / largest && v <= largest)

/**
 * The same potentials by products with the kernel `K_ij = exp((f0_i + g0_j - C_ij) / epsilon)`. Where a scaling or a sum leaves what
 * float64 holds, that half-step is taken in logs and its potentials are absorbed into the kernel.
 *
 * @reference schmitzer2019
 */
const onKernel = (problem: Checked, epsilon: number): HalfSteps => {
  const { cost, rows, columns, a, b } = problem
  const logs = inLogs(problem, epsilon)
  let [f0, g0]: readonly [Float64Array, Float64Array] = [new Float64Array(rows), new Float64Array(columns)]
  const kernel = new Float64Array(cost.length)
  const absorb = (f: Float64Array, g: Float64Array) => {
    ;[f0, g0] = [f, g]
    for (let i = 0; i < rows; i++)
      for (let j = 0; j < columns; j++) {
        const at = i * columns + j
        kernel[at] = Math.exp((f[i]! + g[j]! - cost[at]!) / epsilon)
      }
  }
  absorb(f0, g0)
  const scaling = (potential: Float64Array, absorbed: Float64Array) =>
    potential.map((v, i) => Math.exp((v - absorbed[i]!) / epsilon))
  const after = (sums: Float64Array, absorbed: Float64Array) => sums.map((s, i) => absorbed[i]! - epsilon * Math.log(s))
  return {
    rows: (g) => {
      const v = scaling(g, g0)
      const sums = new Float64Array(rows)
      for (let i = 0; i < rows; i++)
        for (let j = 0; j < columns; j++) sums[i]! += kernel[i * columns + j]! * b[j]! * v[j]!
      if (holds(v) && holds(sums)) return after(sums, f0)
      const f = logs.rows(g)
      absorb(f, g)
      return f
    },
    columns: (f) => {
      const u = scaling(f, f0)
      const sums = new Float64Array(columns)
      for (let i = 0; i < rows; i++)
        for (let j = 0; j < columns; j++) sums[j]! += kernel[i * columns + j]! * a[i]! * u[i]!
      if (holds(u) && holds(sums)) return after(sums, g0)
      const g = logs.columns(f)
      absorb(f, g)
      return g
    },
  }
}

/** Those of a domain. */
export const halfSteps = (domain: "log" | "kernel", problem: Checked, epsilon: number): HalfSteps =>
  (domain === "log" ? inLogs : onKernel)(problem, epsilon)
