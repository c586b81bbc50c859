/** How far a policy is from a target: bounds on log Z from both sides, enumerated and sampled. */
import { logSumExp } from "@relent/divergence"
import { policyOf, Tabular, type TabularPolicy, type TabularTarget } from "@relent/sequence"

/** `log w - log q` `[contexts, answers]`; infinity where only the target is, NaN where neither is. */
export const logWeights = (q: TabularPolicy, { logScore }: TabularTarget): Float64Array =>
  Tabular.logProbabilities(q).map((logQ, i) => logScore[i]! - logQ)

/** `ELBO(q) = E_q[log w - log q] = log Z - KL(q || pi*)`, `[contexts]`. @reference korbak2022rl */
export const elbo = (q: TabularPolicy, target: TabularTarget): Float64Array => Tabular.expect(q, logWeights(q, target))

/** `EUBO(q) = E_pi*[log w - log q] = log Z + KL(pi* || q)`, `[contexts]`. */
export const eubo = (q: TabularPolicy, target: TabularTarget): Float64Array =>
  Tabular.expect(policyOf(target), logWeights(q, target))

/** `log mean exp`. */
const logMeanExp = (x: Float64Array) => logSumExp(x) - Math.log(x.length)

/**
 * `L_K(q) = E log (1/K) sum_k w(x_k) / q(x_k)` estimated from samples of q, in groups of K that follow one another:
 * unbiased, never above log Z in the mean, rising in K. @reference burda2016importance
 */
export const sampledBound = (logW: Float64Array, K: number): number => {
  const groups = Math.floor(logW.length / K)
  let total = 0
  for (let g = 0; g < groups; g++) total += logMeanExp(logW.subarray(g * K, (g + 1) * K))
  return total / groups
}

const step = 0.1

/**
 * `L_K(q)` itself, for one context: `log q` and `log w - log q` by answer. With `X = w / (q Z)` and
 * `log x = integral over s > 0 of (e^-s - e^(-s x)) / s`, the mean over K independent samples is a power:
 * `L_K - log Z = integral over y of (exp(-e^y) - E[exp(-e^y X / K)]^K)`, `s = e^y`.
 * Analytic and falling off at both ends, so the trapezoid rule on even points is exact to rounding.
 */
export const expectedBound = (logQ: Float64Array, logW: Float64Array, K: number): number => {
  const given = [...logQ.keys()].filter((a) => logQ[a]! > -Infinity)
  if (given.some((a) => logW[a] === -Infinity)) return -Infinity // K such samples in a row have weight 0
  const logZ = logSumExp(given.map((a) => logQ[a]! + logW[a]!))
  const logX = given.map((a) => logW[a]! - logZ)
  const q = given.map((a) => Math.exp(logQ[a]!))
  const at = (y: number) => {
    const phi = q.reduce((sum, qa, i) => sum + qa * Math.expm1(-Math.exp(y + logX[i]!) / K), 0)
    return Math.exp(-Math.exp(y)) - Math.exp(K * Math.log1p(phi))
  }
  // Below the first point the integrand is under e^(2 y) max X, beyond the last under e^(-e^y min X).
  const low = -20 - Math.max(0, ...logX)
  const high = Math.log(40) - Math.min(0, ...logX)
  let total = 0
  for (let i = 0; low + i * step <= high; i++) total += at(low + i * step)
  return logZ + step * total
}

/** `(sum w)^2 / sum w^2`: in how many equal samples the same evidence lies. In [1, samples]. */
export const effectiveSamples = (logW: Float64Array): number =>
  Math.exp(2 * logSumExp(logW) - logSumExp(logW.map((l) => 2 * l)))

/** What it comes to a sample, for one context: `E_q[w/q]^2 / E_q[(w/q)^2]`. */
export const effectiveShare = (logQ: Float64Array, logW: Float64Array): number => {
  const moment = (k: number) => logSumExp(logQ.map((l, a) => (l === -Infinity ? l : l + k * logW[a]!)))
  return Math.exp(2 * moment(1) - moment(2))
}
