/** Entropic optimal transport on tensors: a number of iterations given beforehand, so that a step can be recorded. */
import { detached, type Tensor, tf, transportHalfSteps } from "@relent/tensor"
import { refuse } from "../transport/problem.ts"
import { checkOptions } from "../transport/sinkhorn.ts"
import { withGradient } from "./gradient.ts"

export const planGradients = ["unrolled", "implicit", "envelope"] as const
/**
 * How the plan depends on the cost: through every half-step (`unrolled`); as the converged plan does, by as many iterations of the
 * adjoint equations, which remember none of the others (`implicit`); or not at all (`envelope`), which is the exact gradient of the
 * entropic optimum, not of the plan's cost.
 */
export type PlanGradient = (typeof planGradients)[number]

export interface SinkhornTensorOptions {
  /** Weight of the entropy, in the units of the cost; above 0. */
  readonly epsilon: number
  /** Pairs of half-steps. */
  readonly iterations: number
  /** `kernel` divides rows and columns of the plan: faster, the same iterates while `kernelHolds`. By default `log`. */
  readonly domain?: "log" | "kernel"
  /** By default `unrolled`. */
  readonly gradient?: PlanGradient
}

/** Whether `exp(-cost / epsilon)` keeps every entry in float32, for costs that differ by `spread` at most. */
export const kernelHolds = (spread: number, epsilon: number): boolean => spread / epsilon <= 80

const swap = (x: Tensor): Tensor => {
  const axes = x.shape.map((_, i) => i)
  return tf.transpose(x, [...axes.slice(0, -2), axes.length - 1, axes.length - 2])
}

/** The uniform logarithms of the masses of rows and columns. */
const logMasses = ({ shape }: Tensor) => [-Math.log(shape.at(-2)!), -Math.log(shape.at(-1)!)] as const

/** f `[..., n, 1]` and g `[..., m, 1]` in units of epsilon: `f_i = -log mean_j exp(g_j - C_ij / epsilon)`, then g alike, from g = 0. */
const potentials = (cost: Tensor, epsilon: number, iterations: number) => {
  const { rows, columns } = transportHalfSteps(cost, epsilon)
  const [logA, logB] = logMasses(cost)
  let f = rows(undefined, logB)
  let g = columns(f, logA)
  for (let i = 1; i < iterations; i++) {
    f = rows(g, logB)
    g = columns(f, logA)
  }
  return [f, g] as const
}

/** `exp(f_i + g_j - C_ij / epsilon) / (n m)`. */
const planOf = (cost: Tensor, epsilon: number, [f, g]: readonly [Tensor, Tensor]): Tensor => {
  const [logA, logB] = logMasses(cost)
  return tf.exp(tf.add(tf.add(tf.sub(f, tf.div(cost, epsilon)), swap(g)), logA + logB))
}

/** The first iteration in logs, whose plan has no row or column of zeros; then rows are divided by their sums, and columns. */
const byDivision = (cost: Tensor, epsilon: number, iterations: number): Tensor => {
  const [n, m] = [cost.shape.at(-2)!, cost.shape.at(-1)!]
  let plan = planOf(cost, epsilon, potentials(cost, epsilon, 1))
  for (let i = 1; i < iterations; i++) {
    plan = tf.div(plan, tf.mul(tf.sum(plan, -1, true), n))
    plan = tf.div(plan, tf.mul(tf.sum(plan, -2, true), m))
  }
  return plan
}

/**
 * The gradient by the cost of what has the gradient `dy` by the converged plan. With P's sums a and b and the sums U, V of `P dy` over
 * columns and rows: `a x + P y = U`, `P' x + b y = V`, and then `P (x + y - dy) / epsilon`.
 */
const throughOptimum = (dy: Tensor, plan: Tensor, epsilon: number, iterations: number): Tensor => {
  const over = tf.mul(plan, dy)
  const [a, b] = [tf.sum(plan, -1, true), swap(tf.sum(plan, -2, true))]
  const [u, v] = [tf.sum(over, -1, true), swap(tf.sum(over, -2, true))]
  let x = tf.div(u, a)
  let y = tf.zerosLike(v)
  for (let i = 0; i < iterations; i++) {
    y = tf.div(tf.sub(v, tf.matMul(plan, x, true)), b)
    x = tf.div(tf.sub(u, tf.matMul(plan, y)), a)
  }
  return tf.div(tf.mul(plan, tf.sub(tf.add(x, swap(y)), dy)), epsilon)
}

const check = ({ shape }: Tensor, options: SinkhornTensorOptions): void => {
  checkOptions(options)
  if (!(shape.length >= 2 && shape.every((n) => n > 0)))
    refuse("cost", `its shape is [${shape.join(", ")}]; it wants rows and columns`)
}

/**
 * The plan between n rows and m columns of equal mass, `[..., n, m]` of costs `[..., n, m]`: 1 in sum, columns exact, rows up to
 * `marginalError`. The iterates are those of `sinkhorn` in float64. Throws `NoTransport`.
 *
 * @reference cuturi2013
 */
export const sinkhornPlan = (cost: Tensor, options: SinkhornTensorOptions): Tensor => {
  check(cost, options)
  const { epsilon, iterations, domain = "log", gradient = "unrolled" } = options
  const plan = (cost: Tensor) =>
    domain === "log"
      ? planOf(cost, epsilon, potentials(cost, epsilon, iterations))
      : byDivision(cost, epsilon, iterations)
  if (gradient === "unrolled") return plan(cost)
  if (gradient === "envelope") return detached(() => plan(cost))
  return withGradient({
    inputs: [cost],
    forward: (cost) => {
      const value = plan(cost)
      return { value, saved: [value] }
    },
    backward: (dy, _cost, plan) => [throughOptimum(dy, plan, epsilon, iterations)],
  })
}

/** `sum_i |sum_j P_ij - 1 / n|` of a plan `[..., n, m]`, in [0, 2]: how far from converged it is. `[...]` */
export const marginalError = (plan: Tensor): Tensor =>
  tf.sum(tf.abs(tf.sub(tf.sum(plan, -1), 1 / plan.shape.at(-2)!)), -1)

/**
 * `min over plans of <P, C> + epsilon KL(P || a b)`, `[...]`, after so many iterations in logs; its gradient by the cost is the plan.
 * Throws `NoTransport`.
 */
export const entropicCost = (cost: Tensor, options: Pick<SinkhornTensorOptions, "epsilon" | "iterations">): Tensor => {
  check(cost, options)
  const { epsilon, iterations } = options
  return withGradient({
    inputs: [cost],
    forward: (cost) => {
      const [f, g] = potentials(cost, epsilon, iterations)
      const value = tf.mul(tf.add(tf.mean(f, [-2, -1]), tf.mean(g, [-2, -1])), epsilon)
      return { value, saved: [planOf(cost, epsilon, [f, g])] }
    },
    backward: (dy, _cost, plan) => [tf.mul(plan, tf.expandDims(tf.expandDims(dy, -1), -1))],
  })
}
