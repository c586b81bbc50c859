/** The gradient of an f-divergence by a student's parameters, from scores and ratio that are known exactly. */
import { type Affine, logDensityAt } from "../affine.ts"
import { densityAndScore, type GaussianMixture } from "../gaussian-mixture.ts"
import type { Objective } from "../parameters.ts"

export interface Gradient {
  /** dD / dm. */
  readonly mean: number
  /** dD / d log s. */
  readonly logDeviation: number
  /** E h(r): what the update is divided by, so that constants in h don't matter. */
  readonly weight: number
  /** What the first and the last `z` have of it: large when an integral over nodes is cut off. */
  readonly ends: number
}

/** `mass_i h(r_i)`, h(r) = r^2 f''(r), from `log r` and `log mass`. */
export const weightsOf = (
  { divergence, clip }: Objective,
  logRatio: Float64Array,
  logMass: Float64Array,
): Float64Array => {
  const [low, high] = [Math.log(clip?.lower ?? 0), Math.log(clip?.upper ?? Number.POSITIVE_INFINITY)]
  const logTarget = logRatio.map((l, i) => logMass[i]! + Math.min(Math.max(l, low), high))
  return divergence.scoreWeights(logTarget, logMass)
}

/**
 * grad D_f(p || q) = -E_z[ h(r(x)) (s_p(x) - s_q(x)) dx/dtheta ], x = m + s z, r = p / q held fixed; dx/dm = 1, dx/d log s = s z.
 * The mean over `z` is a sum with masses: 1/n for draws, q dx at the nodes of a quadrature.
 *
 * @reference xu2025fdistill
 */
export const gradientOf = (
  objective: Objective,
  teacher: GaussianMixture,
  student: Affine,
  z: Float64Array,
  logMass: Float64Array,
): Gradient => {
  const { mean, deviation } = student
  const { logDensity, score } = densityAndScore(
    teacher,
    z.map((v) => mean + deviation * v),
  )
  const logQ = logDensityAt(student, z)
  const weights = weightsOf(
    objective,
    logDensity.map((p, i) => p - logQ[i]!),
    logMass,
  )
  const sums = { mean: 0, logDeviation: 0, weight: 0, ends: weights[0]! + weights.at(-1)! }
  for (let i = 0; i < z.length; i++) {
    const pull = weights[i]! * (score[i]! + z[i]! / deviation) // s_q = -z / s
    sums.mean -= pull
    sums.logDeviation -= pull * deviation * z[i]!
    sums.weight += weights[i]!
  }
  return sums
}
