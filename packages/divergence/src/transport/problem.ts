/** What is to be moved, and at what cost. */
import { Data } from "effect"

/** Mass at rows that is moved to columns. */
export interface TransportProblem {
  /** Of moving one unit from a row to a column, `[rows, columns]`, row by row; finite. */
  readonly cost: ArrayLike<number>
  readonly size: readonly [rows: number, columns: number]
  /** Masses `[rows]` and `[columns]`, each at least 0 and 1 in sum; equal ones if not given. */
  readonly weights?: readonly [ArrayLike<number>, ArrayLike<number>]
}

/** Costs, weights or options for which there is no transport. */
export class NoTransport extends Data.TaggedError("NoTransport")<{
  /** Which argument: `cost`, `size`, `weights`, `epsilon`, ... */
  readonly argument: string
  readonly reason: string
}> {
  override get message() {
    return `${this.argument}: ${this.reason}`
  }
}

export const refuse = (argument: string, reason: string): never => {
  throw new NoTransport({ argument, reason })
}

const uniform = (n: number): Float64Array => new Float64Array(n).fill(1 / n)

/** How far from 1 the sum of weights may be: what the rounding of float32 leaves. */
const tolerance = 1e-5

const masses = (given: ArrayLike<number>, n: number, of: string): Float64Array => {
  if (given.length !== n) refuse("weights", `there are ${given.length} for ${n} ${of}`)
  const weights = Float64Array.from(given)
  weights.forEach((w, i) => w >= 0 || refuse("weights", `that of ${of} ${i} is ${w}; masses are at least 0`))
  const total = weights.reduce((a, w) => a + w, 0)
  if (!(Math.abs(total - 1) <= tolerance)) refuse("weights", `those of ${of} sum to ${total}, not to 1`)
  return weights.map((w) => w / total)
}

/** The problem in float64, with both weights. Throws `NoTransport`. */
export interface Checked {
  readonly cost: Float64Array
  readonly rows: number
  readonly columns: number
  readonly a: Float64Array
  readonly b: Float64Array
}

export const checked = ({ cost: given, size: [rows, columns], weights }: TransportProblem): Checked => {
  if (!(rows > 0 && columns > 0 && Number.isInteger(rows) && Number.isInteger(columns)))
    refuse("size", `${rows} rows and ${columns} columns: there is nothing to move`)
  if (given.length !== rows * columns)
    refuse("cost", `it has ${given.length} entries, ${rows} rows and ${columns} columns want ${rows * columns}`)
  const cost = Float64Array.from(given)
  cost.forEach((c, i) => Number.isFinite(c) || refuse("cost", `entry ${i} is ${c}`))
  return {
    cost,
    rows,
    columns,
    a: weights === undefined ? uniform(rows) : masses(weights[0], rows, "rows"),
    b: weights === undefined ? uniform(columns) : masses(weights[1], columns, "columns"),
  }
}
