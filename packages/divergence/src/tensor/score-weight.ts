/**
 * The weights of a batch of score differences, from a density ratio that was learned: bounded, made comparable between levels of
 * noise, and turned into `h(r) = r^2 f''(r)` with mean 1. They are constants to gradients: for code that isn't taped.
 */
import { type Tensor, tf } from "@relent/tensor"
import type { FDivergence } from "../f-divergence.ts"
import { scoreWeight } from "./ratio.ts"

/** Bounds of the ratio r = target / model: `0 < lower < 1 < upper`. */
export interface RatioBounds {
  readonly lower: number
  readonly upper: number
}

/** Of a learned log-ratio, either way: beyond it a ratio says nothing, and would overflow. */
const mostLogRatio = 10
/** Keeps a quotient finite. */
const epsilon = 1e-6

/** `r = exp(logRatio)`, the logarithm within -10 ... 10 and then r within its bounds. @reference xu2025fdistill */
export const boundedRatio = (logRatio: Tensor, { lower, upper }: RatioBounds): Tensor =>
  tf.clipByValue(tf.exp(tf.clipByValue(logRatio, -mostLogRatio, mostLogRatio)), lower, upper)

export interface LevelMeans {
  /** Divided by the mean of its level, `[..., n]`. */
  readonly ratio: Tensor
  /** The means that were divided by, `[..., levels]`. */
  readonly means: Tensor
}

/**
 * `b_k = rate b_k + (1 - rate) mean of r in level k`, then `r / (b_k + 1e-6)`: ratios `[..., n]` with their levels as one-hot rows
 * `[..., n, levels]` and the means so far `[..., levels]`. A level without a ratio keeps its mean. `rate` is in [0, 1).
 *
 * @reference xu2025fdistill
 */
export const dividedByLevel = (ratio: Tensor, level: Tensor, means: Tensor, rate: number): LevelMeans => {
  const total = tf.squeeze(tf.matMul(level, tf.expandDims(ratio, -1), true), [-1])
  const count = tf.sum(level, -2)
  const isSeen = tf.minimum(count, 1)
  const mean = tf.div(total, tf.maximum(count, 1))
  const next = tf.add(means, tf.mul(isSeen, tf.mul(1 - rate, tf.sub(mean, means))))
  const own = tf.squeeze(tf.matMul(level, tf.expandDims(next, -1)), [-1])
  return { ratio: tf.div(ratio, tf.add(own, epsilon)), means: next }
}

/**
 * `h(r) / (mean h + 1e-6)` over the last axis, at `logRatio = log target - log model`, `[..., n]`: so a constant factor of f doesn't matter. Exactly
 * 1 where h is constant, as for reverse-kl.
 *
 * @reference xu2025fdistill
 */
export const relativeScoreWeight = (divergence: FDivergence, logRatio: Tensor): Tensor => {
  if (divergence.hasConstantScoreWeight) return tf.onesLike(logRatio)
  const h = scoreWeight(divergence, logRatio)
  return tf.div(h, tf.add(tf.mean(h, -1, true), epsilon))
}
