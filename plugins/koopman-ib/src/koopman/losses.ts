/** What an encoder of linear dynamics is trained by. Latents `[members, windows, times, d]`; one number a member. */
import { type DiagonalGaussian, klBetweenGaussians } from "@relent/divergence/tensor"
import { detached, inverse, logSumExp, type Tensor, tf } from "@relent/tensor"
import type { OperatorKind } from "./operator.ts"

const overWindows = (x: Tensor) => tf.mean(x, [-3, -2, -1])

/** `[members]`: mean squared differences of `[members, windows, times, n]`. */
export const meanSquare = (x: Tensor, y: Tensor): Tensor => overWindows(tf.squaredDifference(x, y))

/**
 * `K = (Z0' Z0 + ridge I)^-1 Z0' Z1`, `[members, d, d]`, over all rows of a batch, or the mean of one for each window. A constant: no
 * gradient flows through the solution.
 *
 * @reference cheng2025infokoopman
 */
export const operator = (before: Tensor, after: Tensor, ridge: number, kind: OperatorKind): Tensor =>
  detached(() => {
    const [members, windows, times, d] = before.shape as [number, number, number, number]
    const shape = kind === "pooled" ? [members, 1, windows * times, d] : [members, windows, times, d]
    const [z0, z1] = [tf.reshape(before, shape), tf.reshape(after, shape)]
    const gram = tf.add(tf.matMul(z0, z0, true), tf.mul(tf.eye(d), ridge))
    return tf.mean(tf.matMul(inverse(gram), tf.matMul(z0, z1, true)), 1)
  })

/** `z K` of latents `[members, windows, times, d]` and operators `[members, d, d]`. */
export const advance = (latents: Tensor, operators: Tensor): Tensor => {
  const [members, windows, times, d] = latents.shape as [number, number, number, number]
  return tf.reshape(tf.matMul(tf.reshape(latents, [members, windows * times, d]), operators), latents.shape)
}

/**
 * `KL(N(mu_t, sigma_t^2) || N(z_(t-1) K, I))` of encoded `[members, windows, times, d]`, in nats a coordinate, `[members]`: an upper bound
 * of what the encoder tells of `x_t` that `z_(t-1)` doesn't. For a fixed sigma of 1 it is half the mean square.
 *
 * @reference cheng2025infokoopman
 */
export const transitionCost = (encoded: DiagonalGaussian, moved: Tensor): Tensor =>
  tf.div(tf.mean(klBetweenGaussians(encoded, { mean: moved }), [-2, -1]), moved.shape.at(-1)!)

/** Adding it to a logarithm takes it out of a sum. */
const out = -1e30

const table = (times: number, f: (t: number, s: number) => number): Tensor =>
  tf.tensor2d(
    Array.from({ length: times * times }, (_, i) => f(Math.floor(i / times), i % times)),
    [times, times],
  )

/**
 * Information between latents that are near in time, as a loss: `l_t = -log(sum_P e^(cos(z_t, z_p) / tau) / sum_(P, N))` of anchors
 * `k <= t < T - k`, where P are the `2 k` times nearest to t and N all others of the same window but t; the mean over anchors and windows,
 * `[members]`. T is above 2 k. A norm counts as 1e-12 at least.
 *
 * @reference cheng2025infokoopman oord2018cpc
 */
export const temporalInfoNce = (latents: Tensor, k: number, tau: number): Tensor => {
  const times = latents.shape.at(-2)!
  const norm = tf.rsqrt(tf.add(tf.sum(tf.square(latents), -1, true), 1e-24))
  const unit = tf.mul(latents, norm)
  const cosines = tf.div(tf.matMul(unit, unit, false, true), tau)
  const near = table(times, (t, s) => (t !== s && Math.abs(t - s) <= k ? 0 : out))
  const others = table(times, (t, s) => (t === s ? out : 0))
  const each = tf.sub(logSumExp(tf.add(cosines, others)), logSumExp(tf.add(cosines, near)))
  const anchors = tf.tensor1d(Array.from({ length: times }, (_, t) => (t >= k && t < times - k ? 1 : 0)))
  return tf.mean(tf.div(tf.sum(tf.mul(each, anchors), -1), times - 2 * k), -1)
}
