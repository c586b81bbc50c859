/** How many directions a set of points fills: von Neumann's entropy of its covariance, in float64. */
import { Data } from "effect"
import { EigenvalueDecomposition, Matrix } from "ml-matrix"
import { entropy } from "./information.ts"
import { checkPoints, type Points } from "./kernel.ts"

/** Points that don't differ: their covariance has no shape. */
export class DegeneratePoints extends Data.TaggedError("DegeneratePoints")<{ readonly points: number }> {
  override get message() {
    return `${this.points} points that don't differ have no entropy of their covariance`
  }
}

export interface Spread {
  /** S in nats, in `[0, log dimension]`. */
  readonly entropy: number
  /** `e^S`, in `[1, dimension]`: as many equal directions would give this entropy. */
  readonly effectiveDimension: number
  /** Shares of the variance, the largest first. */
  readonly shares: Float64Array
  /** `dS / dz`, as the points are. */
  readonly gradient: Float64Array
}

const least = 1e-8

/**
 * `S = -tr(rho log rho)` of the covariance of points `[n, d]` divided by its trace. With `G = -(log rho + I)` the gradient by the
 * covariance C is `(G - tr(G rho) I) / tr C`, and by centred points Z `2 Z dS/dC / (n - 1)`: no eigenvector is differentiated.
 * Eigenvalues count as 1e-8 there at least. Throws `NoPoints`, and `DegeneratePoints`.
 *
 * @reference cheng2025infokoopman
 *
 * ```ts example
 * import { vonNeumann } from "@relent/divergence"
 * vonNeumann({ values: [1, 0, -1, 0, 0, 1, 0, -1], dimension: 2 }).effectiveDimension // => 2
 * ```
 */
export const vonNeumann = (points: Points): Spread => {
  checkPoints("points", points)
  const { dimension: d } = points
  const n = points.values.length / d
  const z = Matrix.from1DArray(n, d, Array.from(points.values))
  const centred = z.clone().subRowVector(z.mean("column"))
  const covariance = centred
    .transpose()
    .mmul(centred)
    .div(Math.max(1, n - 1))
  const trace = covariance.trace()
  if (!(trace > 1e-24 * (z.norm() ** 2 / n))) throw new DegeneratePoints({ points: n })
  const { realEigenvalues, eigenvectorMatrix: u } = new EigenvalueDecomposition(covariance, { assumeSymmetric: true })
  const shares = realEigenvalues.map((v) => Math.max(0, v) / trace)
  const total = shares.reduce((sum, v) => sum + v, 0)
  const value = Math.max(0, entropy(shares.map((v) => v / total)))
  const g = shares.map((v) => -(Math.log(Math.max(least, v)) + 1))
  const along = g.reduce((sum, v, i) => sum + v * shares[i]!, 0)
  const byCovariance = u.mmul(Matrix.diag(g.map((v) => (v - along) / trace))).mmul(u.transpose())
  return {
    entropy: value,
    effectiveDimension: Math.exp(value),
    shares: Float64Array.from(shares).toSorted().toReversed(),
    gradient: Float64Array.from(
      centred
        .mmul(byCovariance)
        .mul(2 / (n - 1))
        .to1DArray(),
    ),
  }
}
