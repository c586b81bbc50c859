/** Calibration of a probability that one answer beats another. */

/**
 * Expected calibration error of `sigmoid(margin)` as the probability of the label, over so many bins of equal width in [1/2, 1]: a pair
 * is read in the direction that the policy prefers, and was right where the margin is positive. `sum_b share_b |right_b - sure_b|`.
 *
 * @reference guo2017calibration
 */
export const calibrationError = (margins: ReadonlyArray<number>, weights: Float64Array, bins: number): number => {
  const [mass, right, sure] = [new Float64Array(bins), new Float64Array(bins), new Float64Array(bins)]
  margins.forEach((margin, i) => {
    const p = 1 / (1 + Math.exp(-Math.abs(margin)))
    const bin = Math.min(bins - 1, Math.floor((p - 0.5) * 2 * bins))
    mass[bin]! += weights[i]!
    right[bin]! += weights[i]! * (margin > 0 ? 1 : margin === 0 ? 0.5 : 0)
    sure[bin]! += weights[i]! * p
  })
  const total = mass.reduce((sum, m) => sum + m, 0)
  return mass.reduce((sum, _, b) => sum + Math.abs(right[b]! - sure[b]!), 0) / total
}
