/** Preferences as classification by a divergence's link: f-DPO. */
import type { Expression } from "./calculus/expression.ts"
import type { FDivergence } from "./f-divergence.ts"
import { evaluate, evaluateAll } from "./limit.ts"

/** A link beyond it is cut off there: a loser that the policy has all but given up. */
export const steepest = Math.exp(80)

/** Links and their slopes by `logT = log model - log target`. */
export interface Links {
  readonly values: Float64Array
  readonly slopes: Float64Array
  readonly isClamped: ReadonlyArray<boolean>
}

/** In one go; where parts of the expression leave the numbers, its limit. */
const all = (x: Expression, logU: Float64Array): Float64Array =>
  evaluateAll(x, logU).map((value, i) => (Number.isFinite(value) ? value : evaluate(x, logU[i]!)))

/**
 * `f*'(t)` and its derivative along `log t`, `u^2 f''(u)`; cut off at `-exp(80)` and `exp(80)`, where the slope is 0: saturation, to
 * be counted, and no convergence.
 */
export const linksAt = ({ derived }: FDivergence, logT: Float64Array): Links => {
  const logU = logT.map((l) => -l)
  const values = all(derived.byModel, logU)
  const slopes = all(derived.scoreWeight, logU)
  const isClamped = Array.from(values, (value) => Math.abs(value) > steepest)
  return {
    values: values.map((value, i) => (isClamped[i] ? Math.sign(value) * steepest : value)),
    slopes: slopes.map((slope, i) => (isClamped[i] ? 0 : slope)),
    isClamped,
  }
}

const softplus = (x: number) => Math.max(0, x) + Math.log1p(Math.exp(-Math.abs(x)))
/** `1 / (1 + exp(-x))`, without overflow. */
export const sigmoid = (x: number): number => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x)))

/** A preference loss with its derivatives by the two log-ratios. */
export interface PreferenceLoss {
  readonly loss: number
  readonly byWinner: number
  readonly byLoser: number
  /** `s(winner) - s(loser)`, s the link. */
  readonly margin: number
  /** Links that were cut off: 0, 1 or 2. */
  readonly clamped: number
}

export interface PreferenceOptions {
  readonly beta: number
  /** How often a label is taken to be wrong, in [0, 1/2). */
  readonly smoothing?: number
}

/**
 * `(1 - e) L(m) + e L(-m)`, `L(m) = -log sigmoid(beta m)`, `m = f*'(t_winner) - f*'(t_loser)`, from `logT = log policy - log prior` of the
 * two. For `reverse-kl` it is DPO.
 *
 * ```ts example
 * import { Divergence, preferenceLosses } from "@relent/divergence"
 * const [pair] = preferenceLosses(Divergence.reverseKl, Float64Array.of(0.7), Float64Array.of(-0.4), { beta: 0.1 })
 * pair!.loss.toFixed(9) // => "0.639658919"
 * ```
 *
 * @reference wang2024fdpo
 */
export const preferenceLosses = (
  d: FDivergence,
  winners: Float64Array,
  losers: Float64Array,
  { beta, smoothing = 0 }: PreferenceOptions,
): ReadonlyArray<PreferenceLoss> => {
  const [w, l] = [linksAt(d, winners), linksAt(d, losers)]
  return Array.from(winners, (_, i) => {
    const margin = w.values[i]! - l.values[i]!
    // d/dm of (1 - e) softplus(-beta m) + e softplus(beta m)
    const byMargin = beta * (smoothing * sigmoid(beta * margin) - (1 - smoothing) * sigmoid(-beta * margin))
    return {
      loss: (1 - smoothing) * softplus(-beta * margin) + smoothing * softplus(beta * margin),
      byWinner: byMargin * w.slopes[i]!,
      byLoser: -byMargin * l.slopes[i]!,
      margin,
      clamped: Number(w.isClamped[i]) + Number(l.isClamped[i]),
    }
  })
}
