/** The matrix that moves latents on by a step, in float64. Latents are rows: `z_{t+1} = z_t K`. */
import { CholeskyDecomposition, EigenvalueDecomposition, Matrix } from "ml-matrix"

export const operators = ["pooled", "per-trajectory"] as const
export type OperatorKind = (typeof operators)[number]

/** Rows `[n, d]` and the rows that follow them. */
export interface Pairs {
  readonly before: Float64Array
  readonly after: Float64Array
  readonly dimension: number
}

/**
 * `K = (Z0' Z0 + ridge I)^-1 Z0' Z1`, `[d, d]`: the least squares of a step, with a penalty `ridge |K|^2`.
 *
 * @reference williams2015edmd
 */
export const ridgeOperator = ({ before, after, dimension: d }: Pairs, ridge: number): Matrix => {
  const rows = (values: Float64Array) => Matrix.from1DArray(values.length / d, d, values)
  const [z0, z1] = [rows(before), rows(after)]
  const transposed = z0.transpose()
  return new CholeskyDecomposition(transposed.mmul(z0).add(Matrix.eye(d).mul(ridge))).solve(transposed.mmul(z1))
}

/** Latents `[trajectories, length, d]` as pairs, all of them together or each trajectory's by itself. */
const pairsOf = (latents: Float64Array, trajectories: number, d: number, kind: OperatorKind): ReadonlyArray<Pairs> => {
  const size = latents.length / trajectories
  const own = Array.from({ length: trajectories }, (_, t) => latents.subarray(t * size, (t + 1) * size))
  const joined = (from: number, to: number, parts: ReadonlyArray<Float64Array>) => {
    const out = new Float64Array(parts.length * (size - d))
    parts.forEach((part, i) => out.set(part.subarray(from, to), i * (size - d)))
    return out
  }
  const groups = kind === "pooled" ? [own] : own.map((part) => [part])
  return groups.map((parts) => ({ before: joined(0, size - d, parts), after: joined(d, size, parts), dimension: d }))
}

/** The operator of latents `[trajectories, length, d]`: of all pairs, or the mean of one for each trajectory. */
export const operatorOf = (
  latents: Float64Array,
  {
    trajectories,
    dimension,
    kind,
    ridge,
  }: {
    readonly trajectories: number
    readonly dimension: number
    readonly kind: OperatorKind
    readonly ridge: number
  },
): Float64Array => {
  const all = pairsOf(latents, trajectories, dimension, kind).map((pairs) => ridgeOperator(pairs, ridge))
  const sum = all.reduce((total, k) => total.add(k), Matrix.zeros(dimension, dimension))
  return Float64Array.from(sum.div(all.length).to1DArray())
}

/** `z K` of rows `[n, d]`. */
export const advance = (latents: Float64Array, operator: Float64Array): Float64Array => {
  const d = Math.sqrt(operator.length)
  const out = new Float64Array(latents.length)
  for (let row = 0; row < latents.length; row += d)
    for (let i = 0; i < d; i++) {
      const z = latents[row + i]!
      for (let j = 0; j < d; j++) out[row + j]! += z * operator[i * d + j]!
    }
  return out
}

/** An eigenvalue, `e^(rate + i frequency)` a step. */
export interface Eigenvalue {
  readonly real: number
  readonly imaginary: number
  readonly modulus: number
}

/** The eigenvalues of an operator `[d, d]`, the largest first. */
export const eigenvaluesOf = (operator: Float64Array): ReadonlyArray<Eigenvalue> => {
  const d = Math.sqrt(operator.length)
  const { realEigenvalues, imaginaryEigenvalues } = new EigenvalueDecomposition(Matrix.from1DArray(d, d, operator))
  return realEigenvalues
    .map((real, i) => ({
      real,
      imaginary: imaginaryEigenvalues[i]!,
      modulus: Math.hypot(real, imaginaryEigenvalues[i]!),
    }))
    .toSorted((a, b) => b.modulus - a.modulus || b.imaginary - a.imaginary)
}
