/** Preferences as classification by a divergence's link: f-DPO. */
import { evaluate } from "./limit.ts"
import type { FDivergence } from "./f-divergence.ts"

/** A link beyond it is cut off there: a loser that the policy has all but given up. */
export const steepest = Math.exp(80)

/** The link and its slope by `logT = log model - log target`. */
export interface LinkAt {
  readonly value: number
  readonly slope: number
  readonly isClamped: boolean
}

/**
 * `f*'(t)` and its derivative along `log t`, `u^2 f''(u)`; cut off at `-exp(80)` and `exp(80)`, where the slope is 0: saturation, to
 * be counted, and no convergence.
 */
export const linkAt = (d: FDivergence, logT: number): LinkAt => {
  const value = d.link(logT)
  return Math.abs(value) > steepest
    ? { value: Math.sign(value) * steepest, slope: 0, isClamped: true }
    : { value, slope: evaluate(d.derived.scoreWeight, -logT), isClamped: false }
}

const softplus = (x: number) => Math.max(0, x) + Math.log1p(Math.exp(-Math.abs(x)))
const sigmoid = (x: number) => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x)))

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
 * import { Divergence, preferenceLoss } from "@relent/divergence"
 * preferenceLoss(Divergence.reverseKl, 0.7, -0.4, { beta: 0.1 }).loss.toFixed(9) // => "0.639658919"
 * ```
 *
 * @reference wang2024fdpo
 */
export const preferenceLoss = (
  d: FDivergence,
  winner: number,
  loser: number,
  { beta, smoothing = 0 }: PreferenceOptions,
): PreferenceLoss => {
  const [w, l] = [linkAt(d, winner), linkAt(d, loser)]
  const margin = w.value - l.value
  // d/dm of (1 - e) softplus(-beta m) + e softplus(beta m)
  const byMargin = beta * (smoothing * sigmoid(beta * margin) - (1 - smoothing) * sigmoid(-beta * margin))
  return {
    loss: (1 - smoothing) * softplus(-beta * margin) + smoothing * softplus(beta * margin),
    byWinner: byMargin * w.slope,
    byLoser: -byMargin * l.slope,
    margin,
    clamped: Number(w.isClamped) + Number(l.isClamped),
  }
}
