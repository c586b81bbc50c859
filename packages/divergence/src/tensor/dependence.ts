/** Dependence and conditional divergences by Gram matrices. */
import { logSumExp, squaredDistances, type Tensor, tf } from "@relent/tensor"
import type { Denominator } from "../dependence.ts"
import { checkSigma, type KernelDivergence } from "../kernel.ts"
import { tensorRows } from "./rows.ts"

/** Points `[..., n, d]`, and the width of their kernel in their units. */
export interface Seen {
  readonly points: Tensor
  readonly sigma: number
}

const logKernel = (a: Tensor, b: Tensor, sigma: number): Tensor => {
  checkSigma(sigma)
  return tf.div(squaredDistances(a, b), -2 * sigma * sigma)
}

/**
 * `D(p(x, t) || p(x) p(t))` of pairs `[..., n, d]`, `[...]`, with its gradient by both: with Cauchy–Schwarz its quadratic mutual
 * information, with MMD HSIC. Formula as `dependence` of float64.
 *
 * @reference yu2024csib gretton2005hsic
 */
export const dependence = ({ of }: KernelDivergence, x: Seen, t: Seen): Tensor => {
  const [kx, kt] = [x, t].map(({ points, sigma }) => logKernel(points, points, sigma)) as [Tensor, Tensor]
  const [byX, byT] = [logSumExp(kx), logSumExp(kt)]
  const n = Math.log(x.points.shape.at(-2)!)
  const joint = logSumExp(logSumExp(tf.add(kx, kt)))
  const apart = tf.add(logSumExp(byX), logSumExp(byT))
  const across = logSumExp(tf.add(byX, byT))
  return of(tf.sub(joint, 2 * n), tf.sub(apart, 4 * n), tf.sub(across, 3 * n), tensorRows) as Tensor
}

/** Added to D(t, t), so that a constant t has the dependence 0, and a gradient. */
const least = 1e-12

/** `D(x, t) / sqrt(D(x, x) D(t, t))` of `dependence`. */
export const normalisedDependence = (divergence: KernelDivergence, x: Seen, t: Seen): Tensor => {
  const own = tf.mul(dependence(divergence, x, x), dependence(divergence, t, t))
  return tf.mul(dependence(divergence, x, t), tf.rsqrt(tf.add(tf.relu(own), least)))
}

/**
 * `D(p(target | x) || p(model | x))` of points `[..., n, d]`, `[...]`, with its gradient by all. Formula as `betweenConditionals` of
 * float64; in logarithms throughout, so that a prediction far away still has a gradient.
 *
 * @reference yu2024csib yu2024conditional
 */
export const betweenConditionals = (
  { of }: KernelDivergence,
  x: Seen & { readonly denominator?: Denominator },
  target: Seen,
  model: Tensor,
): Tensor => {
  const kx = logKernel(x.points, x.points, x.sigma)
  const m = x.denominator === "official" ? logSumExp(tf.mul(kx, 2)) : tf.mul(logSumExp(kx), 2)
  const total = (a: Tensor, b: Tensor) => logSumExp(tf.sub(logSumExp(tf.add(kx, logKernel(a, b, target.sigma))), m))
  const { points } = target
  return of(total(points, points), total(model, model), total(model, points), tensorRows) as Tensor
}
