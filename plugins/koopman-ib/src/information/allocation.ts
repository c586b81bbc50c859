/** Power shared among Gaussian modes: what is known through them, against how many of them are in use. Float64, nats. */
import { entropy, logSoftmax } from "@relent/divergence"

/** `sum_i log(1 + g_i p_i) / 2 + gamma H(p)`, of powers `p` on the simplex. @reference cheng2025infokoopman */
export interface Problem {
  /** `g_i`, above 0: a mode's signal-to-noise ratio at all the power. */
  readonly gains: ReadonlyArray<number>
  /** The weight of the entropy, 0 or more. */
  readonly gamma: number
}

/** Equal powers, as logarithms. */
export const equal = ({ gains }: Problem): Float64Array => logSoftmax(new Float64Array(gains.length))

/** The derivative by each power, but for the constant `-gamma`: `g_i / (2 (1 + g_i p_i)) - gamma log p_i`. */
const slopes = ({ gains, gamma }: Problem, logP: Float64Array): Float64Array =>
  logP.map((l, i) => gains[i]! / (2 * (1 + gains[i]! * Math.exp(l))) - gamma * l)

/**
 * A step of mirror ascent, `p_i <- p_i exp(s slope_i) / Z` with `s = 1 / (max g / 8 + gamma)`: since `g^2 p / (1 + g p)^2` is at
 * most `g / 4`, the objective is that smooth relative to the entropy, and no step goes down. @reference lu2018relatively
 */
export const ascend = (problem: Problem, logP: Float64Array): Float64Array => {
  const s = 1 / (problem.gains.reduce((a, g) => Math.max(a, g)) / 8 + problem.gamma)
  return logSoftmax(slopes(problem, logP).map((slope, i) => logP[i]! + s * slope))
}

/** How much better the best powers are at most: the objective is concave, so `max slope - sum p slope` bounds it. */
export const gap = (problem: Problem, logP: Float64Array): number => {
  const all = slopes(problem, logP)
  const steepest = all.reduce((a, b) => Math.max(a, b))
  return all.reduce((sum, slope, i) => sum + Math.exp(logP[i]!) * (steepest - slope), 0)
}

/** `sum_i log(1 + g_i p_i) / 2`: mutual information of Gaussian signals with these powers and what is seen of them. */
export const information = ({ gains }: Problem, powers: Float64Array): number =>
  powers.reduce((sum, p, i) => sum + Math.log1p(gains[i]! * p) / 2, 0)

/** `e^H(p)`, in [1, modes]. */
export const effectiveDimension = (powers: Float64Array): number => Math.exp(entropy(powers))
