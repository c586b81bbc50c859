/** Whether two arms are one curve: what is the same computation but for rounding drifts nowhere. */
import type { Test } from "./document.ts"
import { decide, type Judged, spreadOf } from "./judge.ts"
import { meanOf } from "./statistics.ts"

/** The rows of each arm, for each seed. */
export type Curves = { readonly [arm: string]: ReadonlyArray<ReadonlyArray<number>> }

/**
 * Residuals r_t = (a_t - b_t) / max |b|. A bound alone lets a small bias pass, so their mean over a curve must be zero as well: its
 * interval over the seeds is of 99.9 %, since a verdict that should never change is asked for often.
 */
export const judgeTrajectory = (
  name: string,
  { trajectory: [first, second], within }: Extract<Test, { readonly trajectory: unknown }>,
  curves: Curves,
): Judged => {
  const residuals = curves[first]!.map((a, seed) => {
    const b = curves[second]![seed]!
    const scale = Math.max(...b.map(Math.abs)) || 1
    return Array.from({ length: Math.max(a.length, b.length) }, (_, t) => (a[t]! - b[t]!) / scale)
  })
  // A row that one of them lacks is not a number, and not within.
  const wins = residuals.filter((r) => r.every((value) => Math.abs(value) <= within)).length
  const drift = residuals.map(meanOf)
  const isZero = drift.every((d) => d === 0)
  const interval = isZero ? { mean: 0, low: 0, high: 0 } : spreadOf(name, drift, 0.999)
  const { low, high } = interval
  return {
    verdict: decide(
      wins === residuals.length && (isZero || (low <= 0 && high >= 0 && residuals.length > 1)),
      wins < residuals.length || low > 0 || high < 0,
    ),
    interval,
    seeds: residuals.length,
    wins,
    judged: drift,
    wanted: { above: -within, below: within },
  }
}
