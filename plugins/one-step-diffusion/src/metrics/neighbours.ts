/** Which share of samples is real, and which share of what is real is sampled, by balls around nearest neighbours. */
import { countOf, type Rows } from "./frechet.ts"

const squaredDistance = (a: Rows, i: number, b: Rows, j: number): number => {
  const { width } = a
  let square = 0
  for (let k = 0; k < width; k++) square += (a.values[i * width + k]! - b.values[j * width + k]!) ** 2
  return square
}

/** The squared distance of each row to its k-th nearest other row. */
const radii = (rows: Rows, k: number): Float64Array => {
  const n = countOf(rows)
  const distances = new Float64Array(n)
  return Float64Array.from({ length: n }, (_, i) => {
    for (let j = 0; j < n; j++) distances[j] = squaredDistance(rows, i, rows, j)
    distances[i] = Number.POSITIVE_INFINITY
    return distances.toSorted()[k - 1]!
  })
}

/** The share of `of` that lies within the ball of a row of `inside`. */
const covered = (of: Rows, inside: Rows, radius: Float64Array): number => {
  let count = 0
  for (let i = 0; i < countOf(of); i++) if (radius.some((r, j) => squaredDistance(of, i, inside, j) <= r)) count++
  return count / countOf(of)
}

/**
 * Precision: the share of samples within the ball of some real row, whose radius reaches to its k-th neighbour. Recall: the same with
 * both exchanged.
 *
 * @reference kynkaanniemi2019improved
 */
export const precisionAndRecall = (real: Rows, made: Rows, k: number) => ({
  precision: covered(made, real, radii(real, k)),
  recall: covered(real, made, radii(made, k)),
})

const meanDistance = (a: Rows, b: Rows): number => {
  const [n, m] = [countOf(a), countOf(b)]
  let sum = 0
  for (let i = 0; i < n; i++) for (let j = 0; j < m; j++) sum += Math.sqrt(squaredDistance(a, i, b, j))
  return sum / (n * m)
}

/** 2 E|X - Y| - E|X - X'| - E|Y - Y'|, all pairs counted. @reference szekely2013energy */
export const energyDistance = (real: Rows, made: Rows): number =>
  Math.max(0, 2 * meanDistance(real, made) - meanDistance(real, real) - meanDistance(made, made))
