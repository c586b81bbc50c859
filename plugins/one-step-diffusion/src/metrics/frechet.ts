/** How far apart two sets of points lie, as Gaussians. */
import { squaredWasserstein } from "@relent/divergence"

/** Rows of equal width. */
export interface Rows {
  readonly values: ArrayLike<number>
  readonly width: number
}

export const countOf = ({ values, width }: Rows): number => values.length / width

/** Mean and covariance (divided by n - 1), float64. */
export const momentsOf = (
  rows: Rows,
): { readonly mean: Float64Array; readonly covariance: ReadonlyArray<Float64Array> } => {
  const { values, width } = rows
  const n = countOf(rows)
  const mean = new Float64Array(width)
  for (let i = 0; i < values.length; i++) mean[i % width]! += values[i]! / n
  const covariance = Array.from({ length: width }, () => new Float64Array(width))
  const centred = new Float64Array(width)
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < width; j++) centred[j] = values[i * width + j]! - mean[j]!
    for (let j = 0; j < width; j++) {
      const row = covariance[j]!
      const scaled = centred[j]! / (n - 1)
      for (let k = 0; k <= j; k++) row[k]! += scaled * centred[k]!
    }
  }
  for (let j = 0; j < width; j++) for (let k = 0; k < j; k++) covariance[k]![j] = covariance[j]![k]!
  return { mean, covariance }
}

/**
 * |m - n|^2 + trace(A + B - 2 (A^1/2 B A^1/2)^1/2) of means and covariances of two sets of rows; a direction in which neither varies
 * counts by its mean.
 *
 * @reference heusel2017gans
 * @reference dowson1982
 */
export const frechetDistance = (real: Rows, made: Rows): number =>
  squaredWasserstein(momentsOf(real), momentsOf(made), { singular: true })
