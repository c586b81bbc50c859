/** Entropic optimal transport in float64, by Sinkhorn's iteration. */
import { Data } from "effect"
import { halfSteps } from "./half-steps.ts"
import { type Checked, checked, refuse, type TransportProblem } from "./problem.ts"

export interface SinkhornOptions {
  /** Weight of the entropy, in the units of the cost; above 0. */
  readonly epsilon: number
  /** Pairs of half-steps at most, by default 10,000. */
  readonly iterations?: number
  /** It stops when the marginal error is no larger, by default 1e-9; 0 asks for all iterations. */
  readonly tolerance?: number
  /** `log` (default), or products with a stabilised kernel: faster, the same iterates. */
  readonly domain?: "log" | "kernel"
}

export interface Transport {
  /** `[rows, columns]`, row by row: 1 in sum, its columns exact, its rows up to `marginalError`. */
  readonly plan: Float64Array
  /** `sum P_ij C_ij`, without the entropy: above the cost of the best plan by the entropic blur. */
  readonly cost: number
  /**
   * `sum a f + sum b g`: converged it is `min over plans of <P, C> + epsilon KL(P || a b)`, and its gradient by the cost is the plan.
   */
  readonly value: number
  /** f `[rows]` and g `[columns]`, in the units of the cost. */
  readonly potentials: readonly [Float64Array, Float64Array]
  readonly iterations: number
  /** `sum_i |sum_j P_ij - a_i|`, in [0, 2]. */
  readonly marginalError: number
  /** Whether the marginal error is within the tolerance. */
  readonly converged: boolean
}

/** An iteration that was to converge and didn't. */
export class TransportNotConverged extends Data.TaggedError("TransportNotConverged")<{
  readonly iterations: number
  readonly marginalError: number
  readonly tolerance: number
}> {
  override get message() {
    const { iterations, marginalError, tolerance } = this
    return `after ${iterations} iterations the row sums are off by ${marginalError.toPrecision(3)} in all, not by ${tolerance} at most`
  }
  get hint() {
    return "allow more iterations, a larger tolerance, or a larger epsilon"
  }
}

export const checkOptions = ({ epsilon, iterations = 1, tolerance = 0 }: SinkhornOptions): void => {
  if (!(epsilon > 0 && Number.isFinite(epsilon))) refuse("epsilon", `it is a finite number above 0, not ${epsilon}`)
  if (!(Number.isInteger(iterations) && iterations >= 1))
    refuse("iterations", `it is a whole number from 1 on, not ${iterations}`)
  if (!(tolerance >= 0)) refuse("tolerance", `it is a number from 0 on, not ${tolerance}`)
}

const planOf = ({ cost, columns, a, b }: Checked, epsilon: number, f: Float64Array, g: Float64Array): Float64Array =>
  cost.map((c, at) => {
    const [i, j] = [Math.floor(at / columns), at % columns]
    return a[i]! * b[j]! * Math.exp((f[i]! + g[j]! - c) / epsilon)
  })

const dot = (x: Float64Array, y: Float64Array): number => x.reduce((total, v, i) => total + v * y[i]!, 0)

/**
 * The plan between rows and columns that makes `<P, C> + epsilon KL(P || a b)` least: from f = g = 0, rows and columns in turn.
 * It never fails to converge silently: the result says so. Throws `NoTransport`.
 *
 * ```ts example
 * import { sinkhorn } from "@relent/divergence"
 * const { plan, converged } = sinkhorn({ cost: [0, 1, 1, 0], size: [2, 2] }, { epsilon: 0.01 })
 * converged // => true
 * plan[0] // => 0.5
 * ```
 *
 * @reference cuturi2013
 */
export const sinkhorn = (problem: TransportProblem, options: SinkhornOptions): Transport => {
  checkOptions(options)
  const { epsilon, iterations = 10_000, tolerance = 1e-9, domain = "log" } = options
  const given = checked(problem)
  const { a, b, cost } = given
  const half = halfSteps(domain, given, epsilon)
  let f = half.rows(new Float64Array(given.columns))
  for (let done = 1; ; done++) {
    const g = half.columns(f)
    const next = half.rows(g)
    // the next half-step divides row i by sum_j P_ij / a_i = exp((f_i - next_i) / epsilon)
    const marginalError = a.reduce((total, w, i) => total + w * Math.abs(Math.expm1((f[i]! - next[i]!) / epsilon)), 0)
    const converged = marginalError <= tolerance
    if ((converged && tolerance > 0) || done === iterations) {
      const plan = planOf(given, epsilon, f, g)
      const value = dot(a, f) + dot(b, g)
      return { plan, cost: dot(plan, cost), value, potentials: [f, g], iterations: done, marginalError, converged }
    }
    f = next
  }
}
