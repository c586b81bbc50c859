/** Tables of a number for each context and answer, and what is wrong with them. */
import type { Parameters } from "@relent/arrow"
import { NotADistribution } from "@relent/divergence"

/** `[contexts, answers]`, row-major. */
export interface Matrix {
  readonly contexts: number
  readonly answers: number
  readonly values: Float64Array
}

/** The answers' part of a context, not copied. */
export const rowOf = (values: Float64Array, answers: number, context: number): Float64Array =>
  values.subarray(context * answers, (context + 1) * answers)

/** The float64 matrix of this path. Throws `NotADistribution` for another type or rank. */
export const matrixOf = (parameters: Parameters, path: string): Matrix => {
  const tensor = parameters[path]
  if (tensor?.dtype !== "float64" || tensor.shape.length !== 2)
    throw new NotADistribution({ argument: path, reason: "a matrix of float64 is wanted, contexts by answers" })
  const [contexts, answers] = tensor.shape as readonly [number, number]
  return { contexts, answers, values: tensor.values as Float64Array }
}

/**
 * Throws `NotADistribution` unless these are logarithms of weights: a row a context, no NaN, no infinity, and in each
 * context at least one that isn't -infinity.
 */
export const checkLogWeights = (argument: string, { contexts, answers, values }: Matrix): void => {
  const refuse = (reason: string) => {
    throw new NotADistribution({ argument, reason })
  }
  if (contexts < 1 || answers < 1 || values.length !== contexts * answers)
    refuse(`${values.length} numbers make no table of ${contexts} contexts by ${answers} answers`)
  for (let context = 0; context < contexts; context++) {
    const row = rowOf(values, answers, context)
    const wrong = row.findIndex((z) => !(z < Infinity))
    if (wrong >= 0) refuse(`it has ${row[wrong]} for answer ${wrong} of context ${context}`)
    if (!row.some(Number.isFinite)) refuse(`every answer of context ${context} has the weight 0`)
  }
}
