/** Closed forms between Gaussians, diagonal or with full covariance, in float64. */
import { Data } from "effect"
import { CholeskyDecomposition, EigenvalueDecomposition, Matrix } from "ml-matrix"
import type { Divergence, Spelling } from "./divergence.ts"

/** `mean` `[d]` with `variance` `[d]` (diagonal) or `covariance` `[d][d]`. */
export type Gaussian =
  | { readonly mean: ArrayLike<number>; readonly variance: ArrayLike<number> }
  | { readonly mean: ArrayLike<number>; readonly covariance: ReadonlyArray<ArrayLike<number>> }

/** A mean and covariance that make no Gaussian, or two of different dimension. */
export class NotAGaussian extends Data.TaggedError("NotAGaussian")<{
  readonly argument: string
  readonly reason: string
}> {
  override get message() {
    return `${this.argument} is not a Gaussian: ${this.reason}`
  }
}

/** A divergence whose integral between Gaussians has no closed form. */
export class NoClosedForm extends Data.TaggedError("NoClosedForm")<{ readonly divergence: string }> {
  override get message() {
    return `there is no closed form of '${this.divergence}' between Gaussians; estimate it from samples (fromSamples)`
  }
}

/** What the formulas ask of a symmetric matrix `S`. */
interface Spread {
  readonly logDeterminant: number
  /** `v' S^-1 v`. */
  readonly distance: (v: ReadonlyArray<number>) => number
}

/** A pair on common ground: `a target + b model` of the covariances, `undefined` unless positive definite. */
interface Pair {
  readonly dimension: number
  /** Target's mean minus model's. */
  readonly shift: ReadonlyArray<number>
  readonly mix: (a: number, b: number) => Spread | undefined
  /** `trace(model^-1 target)` of the covariances. */
  readonly relativeTrace: () => number
}

const diagonal = (target: ArrayLike<number>, model: ArrayLike<number>): Pick<Pair, "mix" | "relativeTrace"> => ({
  mix: (a, b) => {
    const s = Array.from(target, (v, i) => a * v + b * model[i]!)
    if (!s.every((v) => v > 0)) return undefined
    return {
      logDeterminant: s.reduce((total, v) => total + Math.log(v), 0),
      distance: (shift) => shift.reduce((total, x, i) => total + (x * x) / s[i]!, 0),
    }
  },
  relativeTrace: () => Array.from(target, (v, i) => v / model[i]!).reduce((total, v) => total + v, 0),
})

const full = (target: Matrix, model: Matrix): Pick<Pair, "mix" | "relativeTrace"> => ({
  mix: (a, b) => {
    const factor = new CholeskyDecomposition(Matrix.add(Matrix.mul(target, a), Matrix.mul(model, b)))
    if (!factor.isPositiveDefinite()) return undefined
    return {
      logDeterminant: 2 * factor.lowerTriangularMatrix.diagonal().reduce((total, v) => total + Math.log(v), 0),
      distance: (shift) => {
        const v = Matrix.columnVector([...shift])
        return v.transpose().mmul(factor.solve(v)).get(0, 0)
      },
    }
  },
  relativeTrace: () => new CholeskyDecomposition(model).solve(target).trace(),
})

const covariance = (g: Gaussian): Matrix =>
  "variance" in g ? Matrix.diag(Array.from(g.variance)) : new Matrix(g.covariance.map((row) => Array.from(row)))

const check = (argument: string, g: Gaussian): void => {
  const refuse = (reason: string) => {
    throw new NotAGaussian({ argument, reason })
  }
  const d = g.mean.length
  const rows = "variance" in g ? [g.variance] : g.covariance
  if (d === 0) refuse("its mean has no entries")
  if ([g.mean, ...rows].some((row) => !Array.from(row).every(Number.isFinite)))
    refuse("it has entries that are not finite")
  if (rows.some((row) => row.length !== d) || ("covariance" in g && rows.length !== d))
    refuse(`its mean has ${d} entries, its covariance another shape`)
  if ("variance" in g) {
    if (!Array.from(g.variance).every((v) => v > 0)) refuse("a variance is not above 0")
    return
  }
  const s = covariance(g)
  if (Matrix.sub(s, s.transpose()).norm() > 1e-9 * s.norm()) refuse("its covariance is not symmetric")
  if (!new CholeskyDecomposition(s).isPositiveDefinite()) refuse("its covariance is not positive definite")
}

const pair = (target: Gaussian, model: Gaussian): Pair => {
  check("target", target)
  check("model", model)
  if (target.mean.length !== model.mean.length)
    throw new NotAGaussian({
      argument: "model",
      reason: `its dimension is ${model.mean.length}, the target's ${target.mean.length}`,
    })
  const bothDiagonal = "variance" in target && "variance" in model
  return {
    dimension: target.mean.length,
    shift: Array.from(target.mean, (m, i) => m - model.mean[i]!),
    ...(bothDiagonal ? diagonal(target.variance, model.variance) : full(covariance(target), covariance(model))),
  }
}

/** `(trace(M^-1 T) - d + shift' M^-1 shift + log |M| - log |T|) / 2`. */
const kl = ({ dimension, shift, mix, relativeTrace }: Pair): number => {
  const model = mix(0, 1)!
  return (relativeTrace() - dimension + model.distance(shift) + model.logDeterminant - mix(1, 0)!.logDeterminant) / 2
}

/** `log of the integral of target^a model^(1-a)`; infinite where the integral is, for `a` outside [0, 1]. @reference gil2013 */
const logIntegral = ({ shift, mix }: Pair, a: number): number => {
  const between = mix(1 - a, a)
  if (between === undefined) return Number.POSITIVE_INFINITY
  const determinants = (1 - a) * mix(1, 0)!.logDeterminant + a * mix(0, 1)!.logDeterminant - between.logDeterminant
  return (determinants - a * (1 - a) * between.distance(shift)) / 2
}

const alpha = (p: Pair, swapped: Pair, a: number): number => {
  if (a === 1) return kl(p)
  return a === 0 ? kl(swapped) : Math.expm1(logIntegral(p, a)) / (a * (a - 1))
}

const renyi = (p: Pair, order: number): number => (order === 1 ? kl(p) : logIntegral(p, order) / (order - 1))

const cauchySchwarz = ({ shift, mix }: Pair): number => {
  const sum = mix(1, 1)!
  return sum.logDeterminant + sum.distance(shift) - (mix(2, 0)!.logDeterminant + mix(0, 2)!.logDeterminant) / 2
}

const families: Record<string, (p: Pair, swapped: Pair, parameter: number) => number> = {
  alpha,
  renyi: (p, _, order) => renyi(p, order),
}
const names: Record<string, (p: Pair, swapped: Pair) => number> = {
  kl,
  "reverse-kl": (_, swapped) => kl(swapped),
  jeffreys: (p, swapped) => kl(p) + kl(swapped),
  "squared-hellinger": (p, swapped) => alpha(p, swapped, 0.5) / 4,
  "pearson-chi2": (p, swapped) => 2 * alpha(p, swapped, 2),
  "neyman-chi2": (p, swapped) => 2 * alpha(p, swapped, -1),
  "cauchy-schwarz": cauchySchwarz,
}

const closedForm = (spelling: Spelling) => {
  if (typeof spelling === "string") return names[spelling]
  const [name, parameter] = Object.entries(spelling)[0]!
  const family = families[name]
  return family && ((p: Pair, swapped: Pair) => family(p, swapped, parameter))
}

/**
 * `D(target || model)` of two Gaussians, for kl, reverse-kl, jeffreys, squared-hellinger, the two chi-squares,
 * cauchy-schwarz, alpha and Rényi. Throws `NotAGaussian`, and `NoClosedForm` for the others.
 *
 * ```ts example
 * import { betweenGaussians, Divergence } from "@relent/divergence"
 * const standard = { mean: [0], variance: [1] }
 * betweenGaussians(Divergence.kl, { mean: [1], variance: [1] }, standard) // => 0.5
 * ```
 */
export const betweenGaussians = ({ name, spelling }: Divergence, target: Gaussian, model: Gaussian): number => {
  const form = closedForm(spelling)
  if (form === undefined) throw new NoClosedForm({ divergence: name })
  return Math.max(0, form(pair(target, model), pair(model, target)))
}

const squareRoot = (s: Matrix): Matrix => {
  const { realEigenvalues, eigenvectorMatrix: v } = new EigenvalueDecomposition(s, { assumeSymmetric: true })
  return v.mmul(Matrix.diag(realEigenvalues.map((x) => Math.sqrt(Math.max(0, x))))).mmul(v.transpose())
}

/** `|shift|^2 + trace(T + M - 2 (T^1/2 M T^1/2)^1/2)`: the squared 2-Wasserstein distance. @reference dowson1982 */
export const squaredWasserstein = (target: Gaussian, model: Gaussian): number => {
  const { shift } = pair(target, model)
  const [t, m] = [covariance(target), covariance(model)]
  const root = squareRoot(t)
  const cross = squareRoot(root.mmul(m).mmul(root))
  return shift.reduce((total, x) => total + x * x, 0) + t.trace() + m.trace() - 2 * cross.trace()
}
