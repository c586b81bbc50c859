/** How far two things seen together are from independent ones, and one conditional from another: Gram matrices in float64. */
import { Data } from "effect"
import { float64, logSumExp } from "./float64.ts"
import { checkPoints, checkSigma, type KernelDivergence, NoPoints, type Points } from "./kernel.ts"

/** Something that doesn't vary, whose dependence on itself is 0: nothing can be divided by it. */
export class DegenerateBottleneck extends Data.TaggedError("DegenerateBottleneck")<{ readonly what: string }> {
  override get message() {
    return `${this.what} doesn't vary: a dependence can't be normalised by it`
  }
}

/** Points, and the width of their kernel in their units. */
export interface Seen {
  readonly points: Points
  readonly sigma: number
}

const sizeOf = ({ values, dimension }: Points) => values.length / dimension

const check = (argument: string, { points, sigma }: Seen, size = sizeOf(points)): void => {
  checkSigma(sigma)
  checkPoints(argument, points)
  if (size < 2) throw new NoPoints({ argument, reason: "a Gram matrix needs two points" })
  if (sizeOf(points) !== size)
    throw new NoPoints({ argument, reason: `there are ${sizeOf(points)} points, of what it is seen with ${size}` })
}

/** `log K(a_i, b_j)`, row i. */
const logKernelRow = (a: Points, b: Points, sigma: number, i: number): Float64Array => {
  const d = a.dimension
  const row = new Float64Array(sizeOf(b))
  for (let j = 0; j < row.length; j++) {
    let square = 0
    for (let k = 0; k < d; k++) square += ((a.values[i * d + k]! - b.values[j * d + k]!) / sigma) ** 2
    row[j] = -square / 2
  }
  return row
}

const plus = (a: Float64Array, b: Float64Array) => a.map((v, i) => v + b[i]!)

/**
 * `D(p(x, t) || p(x) p(t))` of pairs `(x_i, t_i)`, in nats where D is: with Cauchy–Schwarz its quadratic mutual information, with MMD
 * HSIC, both as biased estimates. The inner products are `mean K_x K_t`, `mean K_x mean K_t` and `mean_i (mean_j K_x)(mean_j K_t)`.
 * 0 or more. Throws `NoPoints`.
 *
 * @reference yu2024csib gretton2005hsic
 *
 * ```ts example
 * import { dependence, kernelDivergences } from "@relent/divergence"
 * const seen = (...values: Array<number>) => ({ points: { values, dimension: 1 }, sigma: 1 })
 * dependence(kernelDivergences.mmd, seen(0, 1, 3), seen(5, 5, 5)) // => 0
 * ```
 */
export const dependence = ({ of }: KernelDivergence, x: Seen, t: Seen): number => {
  check("x", x)
  check("t", t, sizeOf(x.points))
  const n = sizeOf(x.points)
  const [joint, byX, byT] = [new Float64Array(n), new Float64Array(n), new Float64Array(n)]
  for (let i = 0; i < n; i++) {
    const [kx, kt] = [logKernelRow(x.points, x.points, x.sigma, i), logKernelRow(t.points, t.points, t.sigma, i)]
    joint[i] = logSumExp(plus(kx, kt))
    byX[i] = logSumExp(kx)
    byT[i] = logSumExp(kt)
  }
  const log = Math.log(n)
  const apart = logSumExp(byX) + logSumExp(byT) - 4 * log
  const value = of(logSumExp(joint) - 2 * log, apart, logSumExp(plus(byX, byT)) - 3 * log, float64) as number
  return value < 1e-14 ? 0 : value // rounding of independent ones
}

/** `D(x, t) / sqrt(D(x, x) D(t, t))` of `dependence`; of HSIC it is in [0, 1]. Throws `DegenerateBottleneck` where D(t, t) = 0. */
export const normalisedDependence = (divergence: KernelDivergence, x: Seen, t: Seen): number => {
  const both = dependence(divergence, x, t)
  const [own, other] = [dependence(divergence, x, x), dependence(divergence, t, t)]
  if (own === 0) throw new DegenerateBottleneck({ what: "x" })
  if (other === 0) throw new DegenerateBottleneck({ what: "t" })
  return both / Math.sqrt(own * other)
}

/**
 * What a row of `K_x` is divided by: `(sum_i K_ji)^2`, as the definition has it, or `sum_i K_ji^2`, as the authors' code computes it.
 * They coincide where `K_x` is the identity.
 */
export const denominators = ["sum-squared", "official"] as const
export type Denominator = (typeof denominators)[number]

/** What conditions, and how its rows are divided. */
export interface Given extends Seen {
  readonly denominator?: Denominator
}

/**
 * `D(p(target | x) || p(model | x))` of pairs with the same x: with Cauchy–Schwarz
 * `log T(K_tt) + log T(K_mm) - 2 log T(K_mt)`, `T(L) = sum_j (sum_i K_x,ji L_ji) / m_j`. The sample form of what is 0 or more, not itself:
 * rows have different weights. `target` and `model` have one width. Throws `NoPoints`.
 *
 * @reference yu2024csib yu2024conditional
 */
export const betweenConditionals = (
  { of }: KernelDivergence,
  { denominator = "sum-squared", ...x }: Given,
  target: Seen,
  model: Points,
): number => {
  check("x", x)
  const n = sizeOf(x.points)
  check("target", target, n)
  check("model", { points: model, sigma: target.sigma }, n)
  if (model.dimension !== target.points.dimension)
    throw new NoPoints({
      argument: "model",
      reason: `its points have dimension ${model.dimension}, the target's ${target.points.dimension}`,
    })
  const sums = [new Float64Array(n), new Float64Array(n), new Float64Array(n)] as const
  const pairs = [
    [target.points, target.points],
    [model, model],
    [model, target.points],
  ] as const
  for (let j = 0; j < n; j++) {
    const kx = logKernelRow(x.points, x.points, x.sigma, j)
    const m = denominator === "official" ? logSumExp(plus(kx, kx)) : 2 * logSumExp(kx)
    pairs.forEach(([a, b], k) => (sums[k]![j] = logSumExp(plus(kx, logKernelRow(a, b, target.sigma, j))) - m))
  }
  const [tt, mm, tm] = sums.map(logSumExp) as [number, number, number]
  return of(tt, mm, tm, float64) as number
}
