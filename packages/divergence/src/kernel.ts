/** Divergences between two sets of points, by a Gaussian kernel `K(x, y) = exp(-|x - y|^2 / (2 sigma^2))`, in float64. */
import { Data } from "effect"
import { float64, logSumExp } from "./float64.ts"
import { logCosine, type OfInnerProducts, squaredDistance } from "./inner-product.ts"
import type { Laws } from "./law.ts"

/** A divergence of what two sets of points are drawn from; the inner product of two sets is `mean K` over all pairs. */
export interface KernelDivergence {
  readonly name: string
  readonly formula: string
  /** Of sets: a mixture is a union of equal sizes, a product all pairs, a channel any map of the points. */
  readonly laws: Laws
  readonly of: OfInnerProducts
}

/** Cauchy–Schwarz of the kernel density estimates; single points `r` apart are `r^2 / sigma^2` apart. @reference principe2010 */
const cauchySchwarz: KernelDivergence = {
  name: "cauchy-schwarz",
  formula: "log mean K_tt + log mean K_mm - 2 log mean K_tm",
  laws: {
    symmetric: true,
    dataProcessing: false,
    jointlyConvex: false,
    bounded: false,
    additive: true,
    triangle: false,
  },
  of: logCosine,
}

/** The squared maximum mean discrepancy, its biased estimate: pairs of a point with itself count. @reference gretton2012 */
const mmd: KernelDivergence = {
  name: "mmd",
  formula: "mean K_tt + mean K_mm - 2 mean K_tm",
  laws: {
    symmetric: true,
    dataProcessing: false,
    jointlyConvex: true,
    bounded: 2,
    additive: false,
    triangle: 0.5,
  },
  of: squaredDistance,
}

/** By the names that documents use. */
export const kernelDivergences = { "cauchy-schwarz": cauchySchwarz, mmd }

/** Points `[n, dimension]`, row by row. */
export interface Points {
  readonly values: ArrayLike<number>
  readonly dimension: number
}

/** Points or a kernel width that give no divergence. */
export class NoPoints extends Data.TaggedError("NoPoints")<{
  /** Which argument: `target`, `sigma`, ... */
  readonly argument: string
  readonly reason: string
}> {
  override get message() {
    return `${this.argument}: ${this.reason}`
  }
}

/** Throws `NoPoints` unless these are whole points of finite coordinates. */
export const checkPoints = (argument: string, { values, dimension }: Points): void => {
  const refuse = (reason: string) => {
    throw new NoPoints({ argument, reason })
  }
  if (values.length === 0) refuse("there are no points")
  if (values.length % dimension !== 0) refuse(`${values.length} numbers are no whole points of dimension ${dimension}`)
  for (let i = 0; i < values.length; i++)
    if (!Number.isFinite(values[i])) refuse(`point ${Math.floor(i / dimension)} has the coordinate ${values[i]}`)
}

/** Throws `NoPoints` unless `sigma` is a width. */
export const checkSigma = (sigma: number): void => {
  if (!(sigma > 0 && Number.isFinite(sigma)))
    throw new NoPoints({ argument: "sigma", reason: `a width is a finite number above 0, not ${sigma}` })
}

/** `log mean K(x_i, y_j)` over all pairs: finite however far the sets are apart. */
export const logMeanKernel = (x: Points, y: Points, sigma: number): number => {
  const { dimension } = x
  const [n, m] = [x.values.length / dimension, y.values.length / dimension]
  const rows = new Float64Array(n)
  const exponents = new Float64Array(m)
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < m; j++) {
      let square = 0
      for (let k = 0; k < dimension; k++)
        square += ((x.values[i * dimension + k]! - y.values[j * dimension + k]!) / sigma) ** 2
      exponents[j] = -square / 2
    }
    rows[i] = logSumExp(exponents)
  }
  return logSumExp(rows) - Math.log(n * m)
}

/** `log mean K` within the target, within the model and across. Throws `NoPoints`. */
const logMeans = (target: Points, model: Points, sigma: number): readonly [tt: number, mm: number, tm: number] => {
  checkSigma(sigma)
  checkPoints("target", target)
  checkPoints("model", model)
  if (target.dimension !== model.dimension)
    throw new NoPoints({
      argument: "model",
      reason: `its points have dimension ${model.dimension}, the target's ${target.dimension}`,
    })
  return [logMeanKernel(target, target, sigma), logMeanKernel(model, model, sigma), logMeanKernel(target, model, sigma)]
}

/**
 * D of two sets of points of one dimension, `[n, d]` and `[m, d]`. Throws `NoPoints`.
 *
 * ```ts example
 * import { betweenPoints, kernelDivergences } from "@relent/divergence"
 * const at = (...values: Array<number>) => ({ values, dimension: 1 })
 * betweenPoints(kernelDivergences["cauchy-schwarz"], at(0), at(3), 1) // => 9
 * ```
 */
export const betweenPoints = ({ of }: KernelDivergence, target: Points, model: Points, sigma: number): number =>
  Math.max(0, of(...logMeans(target, model, sigma), float64) as number) // equal sets may round to -1e-16

/**
 * The squared maximum mean discrepancy without the pairs of a point with itself: unbiased, so below 0 for about half of all samples of
 * equal distributions. Throws `NoPoints`, also for a set of one point.
 *
 * @reference gretton2012
 */
export const unbiasedMmd = (target: Points, model: Points, sigma: number): number => {
  const [tt, mm, tm] = logMeans(target, model, sigma)
  const apart = (argument: string, { values, dimension }: Points, logMean: number) => {
    const n = values.length / dimension
    if (n < 2) throw new NoPoints({ argument, reason: "one point has no pair" })
    return (n * Math.exp(logMean) - 1) / (n - 1)
  }
  return apart("target", target, tt) + apart("model", model, mm) - 2 * Math.exp(tm)
}
