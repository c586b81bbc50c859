/** Exact transport between sets of one size: each row goes to one column. */
import { linearSumAssignment } from "linear-sum-assignment"
import { checked, refuse, type TransportProblem } from "./problem.ts"

export interface Assignment {
  /** The column of each row. */
  readonly columns: Int32Array
  /** `sum_i C_i,columns(i) / rows`: the cost of the best plan of mass 1, which `sinkhorn` goes to with epsilon -> 0. */
  readonly cost: number
}

/**
 * The permutation of least cost, by shortest augmenting paths: for evaluation, it takes `rows^3` steps and has no useful gradient.
 * Throws `NoTransport`.
 *
 * @reference crouse2016
 */
export const assignment = (problem: Omit<TransportProblem, "weights">): Assignment => {
  const { cost, rows: n, columns: m } = checked(problem)
  if (n !== m) refuse("size", `${n} rows and ${m} columns can't be assigned one to one`)
  const matrix = Array.from({ length: n }, (_, i) => cost.slice(i * n, (i + 1) * n))
  const columns = Int32Array.from(linearSumAssignment(matrix, { maximaze: false }).rowAssignments)
  return { columns, cost: columns.reduce((total, j, i) => total + cost[i * n + j]!, 0) / n }
}
