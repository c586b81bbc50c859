/** What it costs to move one point to another: a power of a norm of the difference. */
import { NoPoints, type Points } from "../kernel.ts"
import { refuse } from "./problem.ts"

export interface GroundCost {
  /** p of the norm `(sum |x - y|^p)^(1/p)`: at least 1, by default 1. */
  readonly norm?: number
  /** The power it is taken to: above 0, by default 1. `{ norm: 2, power: 2 }` is the squared Euclidean distance. */
  readonly power?: number
}

/** Throws `NoTransport`. */
export const checkGroundCost = ({ norm = 1, power = 1 }: GroundCost): void => {
  if (!(norm >= 1 && Number.isFinite(norm))) refuse("norm", `p of a norm is a finite number from 1 on, not ${norm}`)
  if (!(power > 0 && Number.isFinite(power))) refuse("power", `it is a finite number above 0, not ${power}`)
}

/** Costs `[n, m]` between points `[n, d]` and `[m, d]`, row by row. Throws `NoPoints`, `NoTransport`. */
export const groundCost = (x: Points, y: Points, cost: GroundCost = {}): Float64Array => {
  checkGroundCost(cost)
  const { norm = 1, power = 1 } = cost
  const { dimension } = x
  if (y.dimension !== dimension)
    throw new NoPoints({ argument: "model", reason: `its points have dimension ${y.dimension}, not ${dimension}` })
  const [n, m] = [x.values.length / dimension, y.values.length / dimension]
  return Float64Array.from({ length: n * m }, (_, at) => {
    const [i, j] = [Math.floor(at / m), at % m]
    let total = 0
    for (let k = 0; k < dimension; k++)
      total += Math.abs(x.values[i * dimension + k]! - y.values[j * dimension + k]!) ** norm
    return total ** (power / norm)
  })
}
