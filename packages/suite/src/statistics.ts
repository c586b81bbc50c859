/** Intervals of a mean of paired differences. */
import { type Draws } from "@relent/random"
import quantile from "@stdlib/stats-base-dists-t-quantile"

export interface Interval {
  readonly mean: number
  readonly low: number
  readonly high: number
}

export const meanOf = (values: ReadonlyArray<number>): number => values.reduce((a, b) => a + b, 0) / values.length

/** The two-sided t interval of a mean: mean -+ t(1 - (1 - level)/2, n - 1) s / sqrt(n). For two values or more. */
export const tInterval = (values: ReadonlyArray<number>, level = 0.95): Interval => {
  const n = values.length
  const mean = meanOf(values)
  const variance = values.reduce((a, v) => a + (v - mean) ** 2, 0) / (n - 1)
  const half = quantile(1 - (1 - level) / 2, n - 1) * Math.sqrt(variance / n)
  return { mean, low: mean - half, high: mean + half }
}

const resamples = 10_000

/** The percentile bootstrap interval of a mean. */
export const bootstrapInterval = (values: ReadonlyArray<number>, draws: Draws, level = 0.95): Interval => {
  const n = values.length
  const means = Float64Array.from({ length: resamples }, () => {
    let sum = 0
    for (let i = 0; i < n; i++) sum += values[draws.integer(n)]!
    return sum / n
  }).toSorted()
  const at = (share: number) => means[Math.min(resamples - 1, Math.floor(share * resamples))]!
  return { mean: meanOf(values), low: at((1 - level) / 2), high: at(1 - (1 - level) / 2) }
}

/** Paired t below 20 values, bootstrap from 20 on. */
export const intervalOf = (values: ReadonlyArray<number>, draws: Draws, level = 0.95): Interval =>
  values.length < 20 ? tInterval(values, level) : bootstrapInterval(values, draws, level)
