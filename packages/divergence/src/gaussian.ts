/** Closed forms between Gaussians, diagonal or with full covariance, in float64. */
import { Data } from "effect"
import { CholeskyDecomposition, EigenvalueDecomposition, Matrix } from "ml-matrix"
import type { Divergence, Spelling } from "./divergence.ts"
import { float64 } from "./float64.ts"
import { logCosine } from "./inner-product.ts"

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

/** A pair in coordinates where the model is `N(0, I)` and the target's covariance diagonal: that changes no divergence here. */
interface Pair {
  /** The target's variances. */
  readonly ratios: ReadonlyArray<number>
  /** The target's mean. */
  readonly shift: ReadonlyArray<number>
}

const covariance = (g: Gaussian): Matrix =>
  "variance" in g ? Matrix.diag(Array.from(g.variance)) : new Matrix(g.covariance.map((row) => Array.from(row)))

const check = (argument: string, g: Gaussian, singular: boolean): void => {
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
    if (!Array.from(g.variance).every((v) => v > 0 || (singular && v === 0))) refuse("a variance is not above 0")
    return
  }
  const s = covariance(g)
  if (Matrix.sub(s, s.transpose()).norm() > 1e-9 * s.norm()) refuse("its covariance is not symmetric")
  if (singular) {
    const { realEigenvalues } = eigen(s)
    if (Math.min(...realEigenvalues) < -1e-9 * s.norm()) refuse("its covariance has a direction of negative variance")
  } else if (!new CholeskyDecomposition(s).isPositiveDefinite()) refuse("its covariance is not positive definite")
}

/** The target's mean minus the model's, of two that are Gaussians of one dimension. */
const shiftOf = (target: Gaussian, model: Gaussian, singular = false): ReadonlyArray<number> => {
  check("target", target, singular)
  check("model", model, singular)
  if (target.mean.length !== model.mean.length)
    throw new NotAGaussian({
      argument: "model",
      reason: `its dimension is ${model.mean.length}, the target's ${target.mean.length}`,
    })
  return Array.from(target.mean, (m, i) => m - model.mean[i]!)
}

const eigen = (s: Matrix) => new EigenvalueDecomposition(s, { assumeSymmetric: true })

const positiveEigen = (argument: string, s: Matrix) => {
  const parts = eigen(s)
  if (!parts.realEigenvalues.every((v) => v > 0))
    throw new NotAGaussian({ argument, reason: "its covariance is singular, as far as float64 can tell" })
  return parts
}

const pair = (target: Gaussian, model: Gaussian): Pair => {
  const shift = shiftOf(target, model)
  if ("variance" in target && "variance" in model)
    return {
      ratios: Array.from(target.variance, (v, i) => v / model.variance[i]!),
      shift: shift.map((x, i) => x / Math.sqrt(model.variance[i]!)),
    }
  const { realEigenvalues, eigenvectorMatrix } = positiveEigen("model", covariance(model))
  const whitened = Matrix.diag(realEigenvalues.map((v) => 1 / Math.sqrt(v))).mmul(eigenvectorMatrix.transpose())
  const inside = positiveEigen("target", whitened.mmul(covariance(target)).mmul(whitened.transpose()))
  const turned = inside.eigenvectorMatrix.transpose().mmul(whitened)
  return { ratios: inside.realEigenvalues, shift: turned.mmul(Matrix.columnVector(shift)).to1DArray() }
}

/** The sum over coordinates of a function of variance and mean. */
const total = ({ ratios, shift }: Pair, f: (r: number, s: number) => number): number =>
  ratios.reduce((sum, r, i) => sum + f(r, shift[i]!), 0)

const swapped = ({ ratios, shift }: Pair): Pair => ({
  ratios: ratios.map((r) => 1 / r),
  shift: shift.map((s, i) => s / Math.sqrt(ratios[i]!)),
})

/** `sum (r - 1 - log r + s^2) / 2`. */
const kl = (p: Pair): number => total(p, (r, s) => r - 1 - Math.log(r) + s * s) / 2

/**
 * `log of the integral of target^a model^(1-a)`: `sum ((1 - a) log r - log w - a (1 - a) s^2 / w) / 2`, `w = (1 - a) r + a`;
 * infinite where a `w` isn't above 0, for `a` outside [0, 1]. Written from the end (0 or 1) nearer to `a`, so that nothing
 * cancels there. @reference gil2013
 */
const logIntegral = (p: Pair, a: number, b = 1 - a): number => {
  if (a < b) return logIntegral(swapped(p), b, a)
  if (p.ratios.some((r) => !(1 + b * (r - 1) > 0))) return Number.POSITIVE_INFINITY
  return total(p, (r, s) => b * Math.log(r) - Math.log1p(b * (r - 1)) - (a * b * s * s) / (1 + b * (r - 1))) / 2
}

const alpha = (p: Pair, a: number): number => {
  if (a === 1) return kl(p)
  return a === 0 ? kl(swapped(p)) : Math.expm1(logIntegral(p, a)) / (a * (a - 1))
}

const renyi = (p: Pair, order: number): number => (order === 1 ? kl(p) : logIntegral(p, order) / (order - 1))

/** The inner product of `N(s, r)` and `N(0, q)` is the density of `N(0, r + q)` at `s`; a constant factor changes nothing. */
const cauchySchwarz = (p: Pair): number => {
  const log = (variance: (r: number) => number, isShifted = false) =>
    -total(p, (r, s) => Math.log(variance(r)) + (isShifted ? (s * s) / variance(r) : 0)) / 2
  return logCosine(
    log((r) => 2 * r),
    log(() => 2),
    log((r) => r + 1, true),
    float64,
  ) as number
}

const families: Record<string, (p: Pair, parameter: number) => number> = { alpha, renyi }
const names: Record<string, (p: Pair) => number> = {
  kl,
  "reverse-kl": (p) => kl(swapped(p)),
  jeffreys: (p) => kl(p) + kl(swapped(p)),
  "squared-hellinger": (p) => alpha(p, 0.5) / 4,
  "pearson-chi2": (p) => 2 * alpha(p, 2),
  "neyman-chi2": (p) => 2 * alpha(p, -1),
  "cauchy-schwarz": cauchySchwarz,
}

const closedForm = (spelling: Spelling) => {
  if (typeof spelling === "string") return names[spelling]
  const [name, parameter] = Object.entries(spelling)[0]!
  const family = families[name]
  return family && ((p: Pair) => family(p, parameter))
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
  return Math.max(0, form(pair(target, model)))
}

const squareRoot = (s: Matrix): Matrix => {
  const { realEigenvalues, eigenvectorMatrix: v } = eigen(s)
  return v.mmul(Matrix.diag(realEigenvalues.map((x) => Math.sqrt(Math.max(0, x))))).mmul(v.transpose())
}

/**
 * `|shift|^2 + trace(T + M - 2 (T^1/2 M T^1/2)^1/2)`: the squared 2-Wasserstein distance. With `singular` a covariance may have
 * directions without variance, as one that was measured may. Throws `NotAGaussian`.
 *
 * @reference dowson1982
 */
export const squaredWasserstein = (
  target: Gaussian,
  model: Gaussian,
  { singular = false }: { readonly singular?: boolean } = {},
): number => {
  const shift = shiftOf(target, model, singular)
  const [t, m] = [covariance(target), covariance(model)]
  const root = squareRoot(t)
  const cross = squareRoot(root.mmul(m).mmul(root))
  return shift.reduce((total, x) => total + x * x, 0) + t.trace() + m.trace() - 2 * cross.trace()
}
