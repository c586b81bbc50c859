/** The best distribution that pays for leaving another. */
import type { Expression } from "./calculus/expression.ts"
import { NotADistribution } from "./distribution.ts"
import type { FDivergence } from "./f-divergence.ts"
import { logSumExp } from "./float64.ts"
import { evaluateAll } from "./limit.ts"
import { Property } from "./property.ts"

export interface Optimum {
  /** `[answers]`, -infinity where the prior is. */
  readonly logPolicy: Float64Array
  /** The multiplier of `sum policy = 1`: `reward = beta f*'(policy / prior) + lambda`. */
  readonly lambda: number
}

/** Below it a ratio adds nothing to a sum of float64. */
const least = -800

/**
 * `log t` where the link is `values`, all at once, by Newton's steps kept within brackets; -infinity below `least`, and the top of
 * `log t` where it is beyond.
 */
const inverseLinks = (d: FDivergence, values: Float64Array, top: Float64Array): Float64Array => {
  const low = new Float64Array(values.length).fill(least)
  const high = Float64Array.from(top)
  const at = (x: Expression, logT: Float64Array) =>
    evaluateAll(
      x,
      logT.map((l) => -l),
    )
  const { byModel: link, scoreWeight } = d.derived
  const [lowest, highest] = [at(link, low), at(link, high)]
  let logT = Float64Array.from(top, (t) => Math.min(0, t))
  for (let i = 0; i < 100; i++) {
    const [found, slopes] = [at(link, logT), at(scoreWeight, logT)]
    found.forEach((f, k) => (f < values[k]! ? (low[k] = logT[k]!) : (high[k] = logT[k]!)))
    const next = logT.map((l, k) => {
      const newton = l + (values[k]! - found[k]!) / slopes[k]!
      return newton > low[k]! && newton < high[k]! ? newton : (low[k]! + high[k]!) / 2
    })
    const moved = next.reduce((most, l, k) => Math.max(most, Math.abs(l - logT[k]!)), 0)
    logT = next
    if (moved < 1e-13) break
  }
  return logT.map((l, k) => (lowest[k]! > values[k]! ? -Infinity : highest[k]! < values[k]! ? top[k]! : l))
}

/**
 * `argmax E_p[r] - beta D(prior || p)` over distributions p: `p = prior (f*')^-1((r - lambda) / beta)`, where lambda makes the sum 1. The sum
 * falls in lambda, is at least 1 at the smallest reward and at most 1 at the largest (`f*'(1) = 0`), so bisection finds it. The
 * divergence must have full support: else the optimum may lie where no gradient vanishes. Throws `NotADistribution`.
 *
 * @reference wang2024fdpo
 */
export const optimum = (
  d: FDivergence,
  logPrior: ArrayLike<number>,
  reward: ArrayLike<number>,
  beta: number,
): Optimum => {
  const given = Array.from(logPrior, (_, i) => i).filter((i) => logPrior[i]! > -Infinity)
  if (!Property.fullSupport.holds(d))
    throw new NotADistribution({ argument: "optimum", reason: `'${d.name}' lacks ${Property.fullSupport.name}` })
  if (given.length === 0) throw new NotADistribution({ argument: "prior", reason: "every answer has the weight 0" })
  // no answer has more than probability 1
  const top = Float64Array.from(given, (i) => 1 - logPrior[i]!)
  const totalAt = (lambda: number) => {
    const values = Float64Array.from(given, (i) => (reward[i]! - lambda) / beta)
    return logSumExp(inverseLinks(d, values, top).map((l, k) => logPrior[given[k]!]! + l))
  }
  let low = given.reduce((lowest, i) => Math.min(lowest, reward[i]!), Infinity)
  let high = given.reduce((highest, i) => Math.max(highest, reward[i]!), -Infinity)
  if (!Number.isFinite(low) || !Number.isFinite(high))
    throw new NotADistribution({ argument: "reward", reason: "it isn't finite" })
  for (let i = 0; i < 200; i++) {
    const middle = (low + high) / 2
    if (middle <= low || middle >= high) break
    if (totalAt(middle) > 0) low = middle
    else high = middle
  }
  const logs = given.map((i) => logPrior[i]! + d.inverseLink((reward[i]! - high) / beta))
  const total = logSumExp(logs) // 0 but for rounding
  const logPolicy = new Float64Array(logPrior.length).fill(-Infinity)
  given.forEach((i, k) => (logPolicy[i] = logs[k]! - total))
  return { logPolicy, lambda: high }
}
