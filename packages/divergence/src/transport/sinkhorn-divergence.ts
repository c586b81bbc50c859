/** Entropic transport without its blur: a divergence between sets of points. */
import { checkPoints, type Points } from "../kernel.ts"
import type { Laws } from "../law.ts"
import { type GroundCost, groundCost } from "./ground-cost.ts"
import { halfSteps } from "./half-steps.ts"
import { checked } from "./problem.ts"
import { sinkhorn, type SinkhornOptions, type Transport } from "./sinkhorn.ts"

export interface SinkhornDivergence {
  readonly value: number
  /** Of the three problems the largest. */
  readonly marginalError: number
  /** Whether all three did. */
  readonly converged: boolean
}

/** Of sets, with the default cost: a mixture is a union of equal sizes, a product all pairs, a channel any map of the points. */
export const sinkhornLaws: Laws = {
  symmetric: true,
  dataProcessing: false,
  jointlyConvex: true,
  bounded: false,
  additive: true,
}

type Solved = Pick<Transport, "value" | "marginalError" | "converged">

/** Of a set with itself both potentials are one, which averaged steps reach in a few: `f <- (f + rows(f)) / 2`. */
const within = (cost: ArrayLike<number>, n: number, options: SinkhornOptions): Solved => {
  const { epsilon, iterations = 10_000, tolerance = 1e-9, domain = "log" } = options
  const problem = checked({ cost, size: [n, n] })
  const half = halfSteps(domain, problem, epsilon)
  let f = new Float64Array(n)
  for (let done = 1; ; done++) {
    const next = half.rows(f)
    const marginalError = f.reduce((total, v, i) => total + Math.abs(Math.expm1((v - next[i]!) / epsilon)) / n, 0)
    const converged = marginalError <= tolerance
    if ((converged && tolerance > 0) || done === iterations)
      return { value: f.reduce((total, v, i) => total + v + next[i]!, 0) / n, marginalError, converged }
    f = f.map((v, i) => (v + next[i]!) / 2)
  }
}

/**
 * `OT(x, y) - (OT(x, x) + OT(y, y)) / 2` of points `[n, d]` and `[m, d]`, where OT is `min <P, C> + epsilon KL(P || a b)`: at least 0
 * and 0 on equal sets for the (squared) Euclidean and the L1 distance, which `OT` alone isn't. Throws `NoPoints`, `NoTransport`.
 *
 * @reference feydy2019
 */
export const sinkhornDivergence = (
  x: Points,
  y: Points,
  { norm, power, ...options }: SinkhornOptions & GroundCost,
): SinkhornDivergence => {
  checkPoints("target", x)
  checkPoints("model", y)
  const ground = { ...(norm !== undefined && { norm }), ...(power !== undefined && { power }) }
  const sizeOf = ({ values, dimension }: Points) => values.length / dimension
  const xy = sinkhorn({ cost: groundCost(x, y, ground), size: [sizeOf(x), sizeOf(y)] }, options)
  const [xx, yy] = [x, y].map((z) => within(groundCost(z, z, ground), sizeOf(z), options)) as [Solved, Solved]
  return {
    value: xy.value - (xx.value + yy.value) / 2,
    marginalError: Math.max(xy.marginalError, xx.marginalError, yy.marginalError),
    converged: xy.converged && xx.converged && yy.converged,
  }
}
