/** Gaussian mixtures on the line: density, score and denoiser in closed form, float64. */
import { logSumExp } from "@relent/divergence"
import { Data } from "effect"

/** `p = sum_k weights_k N(means_k, deviations_k^2)`. */
export interface GaussianMixture {
  readonly kind: "gaussian-mixture"
  /** Above 0, with sum 1. */
  readonly weights: Float64Array
  readonly means: Float64Array
  /** Standard deviations, above 0. */
  readonly deviations: Float64Array
}

/** Numbers that make no mixture. */
export class MixtureInvalid extends Data.TaggedError("MixtureInvalid")<{ readonly message: string }> {}

/** A mixture; throws `MixtureInvalid`. */
export const makeMixture = (
  weights: ArrayLike<number>,
  means: ArrayLike<number>,
  deviations: ArrayLike<number>,
): GaussianMixture => {
  const refuse = (message: string) => {
    throw new MixtureInvalid({ message })
  }
  const [w, m, s] = [weights, means, deviations].map((values) => Float64Array.from(values)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ]
  if (w.length === 0) refuse("a mixture has at least one component")
  if (w.length !== m.length || w.length !== s.length)
    refuse(`there are ${w.length} weights, ${m.length} means and ${s.length} deviations; give one of each a component`)
  const total = w.reduce((sum, v) => sum + v, 0)
  if (!w.every((v) => v > 0) || Math.abs(total - 1) > 1e-9) refuse(`weights are above 0 and sum to 1, not ${total}`)
  if (!m.every(Number.isFinite)) refuse("a mean isn't finite")
  if (!s.every((v) => v > 0 && Number.isFinite(v))) refuse("deviations are finite and above 0")
  return { kind: "gaussian-mixture", weights: w, means: m, deviations: s }
}

/** The mixture at noise level sigma: `p` convolved with N(0, sigma^2). */
export const atNoise = (mixture: GaussianMixture, sigma: number): GaussianMixture => ({
  ...mixture,
  deviations: mixture.deviations.map((s) => Math.hypot(s, sigma)),
})

export interface DensityAndScore {
  readonly logDensity: Float64Array
  /** `d log p / dx`. */
  readonly score: Float64Array
}

/** `log p(x) = log sum_k w_k N(x; m_k, s_k^2)` and `sum_k P(k | x) (m_k - x) / s_k^2` at each point; finite at finite points. */
export const densityAndScore = ({ weights, means, deviations }: GaussianMixture, x: Float64Array): DensityAndScore => {
  const logScale = weights.map((w, k) => Math.log(w) - Math.log(2 * Math.PI) / 2 - Math.log(deviations[k]!))
  const logDensity = new Float64Array(x.length)
  const score = new Float64Array(x.length)
  const terms = new Float64Array(weights.length)
  for (let i = 0; i < x.length; i++) {
    for (let k = 0; k < terms.length; k++) {
      const z = (x[i]! - means[k]!) / deviations[k]!
      terms[k] = logScale[k]! - (z * z) / 2
    }
    const total = logSumExp(terms)
    let slope = 0
    for (let k = 0; k < terms.length; k++)
      slope += (Math.exp(terms[k]! - total) * (means[k]! - x[i]!)) / deviations[k]! ** 2
    logDensity[i] = total
    score[i] = slope
  }
  return { logDensity, score }
}

/** `E[x_0 | x] = x + sigma^2 score_sigma(x)`, the best guess of the clean point behind `x = x_0 + sigma e` (Tweedie). */
export const denoise = (mixture: GaussianMixture, sigma: number, x: Float64Array): Float64Array => {
  const { score } = densityAndScore(atNoise(mixture, sigma), x)
  return x.map((v, i) => v + sigma ** 2 * score[i]!)
}
