/** Where a student's samples are pulled: the gradient of an f-divergence, by score difference and density ratio. */
import type { FDivergence } from "@relent/divergence"
import { boundedRatio, dividedByLevel, type RatioBounds, relativeScoreWeight } from "@relent/divergence/tensor"
import { detached, type Tensor, tf } from "@relent/tensor"

export interface PullOptions {
  readonly divergence: FDivergence
  readonly bounds: RatioBounds
  /** Of the moving means of the ratio by level of noise; without it ratios stay as they are. */
  readonly ratioEmaRate: number | undefined
  /** Whether a sample's pull is divided by its distance to the teacher's guess. */
  readonly scaled: boolean
}

/** All of one batch, `[members, batch, dimension]`. */
export interface Guesses {
  /** The clean samples. */
  readonly x: Tensor
  /** The denoisers at the noisy ones: the teacher's, and that of the student's own samples. */
  readonly teacher: Tensor
  readonly fake: Tensor
  /** Logits of the discriminator `[members, batch]`, real being 1: the logarithm of the ratio; undefined where none is needed. */
  readonly logRatio: Tensor | undefined
  /** Levels of noise as one-hot rows `[members, batch, bins]`. */
  readonly level: Tensor
  /** Mean ratios of the levels, `[members, bins]`. */
  readonly means: Tensor
}

export interface Pull {
  /** h w (D_F - D_T), `[members, batch, dimension]`. */
  readonly pull: Tensor
  /** h, with mean 1: `[members, batch]`. */
  readonly weight: Tensor
  readonly means: Tensor
}

/** Keeps a quotient finite. */
const epsilon = 1e-6

/**
 * g = h(r) w (D_F - D_T), with h = r^2 f''(r) divided by its mean and w = 1 / (mean_j |x_j - D_T,j| + 1e-6); x is the clean sample.
 *
 * @reference xu2025fdistill
 * @reference yin2024improved
 */
export const pullOf = (options: PullOptions, { x, teacher, fake, logRatio, level, means }: Guesses): Pull => {
  const { divergence, bounds, ratioEmaRate, scaled } = options
  const difference = tf.sub(fake, teacher)
  const w = scaled ? tf.div(1, tf.add(tf.mean(tf.abs(tf.sub(x, teacher)), -1, true), epsilon)) : undefined
  const direction = w === undefined ? difference : tf.mul(w, difference)
  if (logRatio === undefined) return { pull: direction, weight: tf.ones(x.shape.slice(0, 2)), means }
  const bounded = boundedRatio(logRatio, bounds)
  const { ratio, means: next } =
    ratioEmaRate === undefined ? { ratio: bounded, means } : dividedByLevel(bounded, level, means, ratioEmaRate)
  const weight = relativeScoreWeight(divergence, tf.log(ratio))
  return { pull: tf.mul(tf.expandDims(weight, -1), direction), weight, means: next }
}

/**
 * mean (x - (x - g))^2 / 2 over batch and coordinates, `(x - g)` held: `[members]`, whose gradient by x is g / (batch dimension).
 *
 * @reference yin2024improved
 */
export const matchingLoss = (x: Tensor, pull: Tensor): Tensor => {
  const target = detached(() => tf.sub(x, pull))
  return tf.div(tf.mean(tf.square(tf.sub(x, target)), [1, 2]), 2)
}

/** The number of the first row `[members]` of some tensors `[members, batch, ...]` with a value that isn't finite, or -1. */
export const firstFault = (...tensors: ReadonlyArray<Tensor>): Tensor => {
  const wrong = tensors.map((t) => {
    const isFinite = tf.cast(tf.equal(tf.sub(t, t), 0), "float32")
    const all = t.rank === 2 ? isFinite : tf.min(isFinite, -1)
    return tf.sub(1, all)
  })
  const any = wrong.reduce((a, b) => tf.maximum(a, b))
  const first = tf.cast(tf.argMax(any, -1), "float32")
  return tf.sub(tf.mul(tf.max(any, -1), tf.add(first, 1)), 1)
}

/** `pull` without the rows that aren't finite: those are told by `firstFault`, and end the training at its next report. */
export const finitePart = (pull: Tensor): Tensor => tf.where(tf.equal(tf.sub(pull, pull), 0), pull, tf.zerosLike(pull))
