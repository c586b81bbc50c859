/** How good predicted distributions are, in float64. */

export interface ClassificationMetrics {
  /** Share of rows whose largest logit is at the label; the first of equals counts. */
  readonly accuracy: number
  /** Mean -log p(label), in nats. */
  readonly nll: number
  /** Mean squared distance of p to the one-hot label, summed over classes: in [0, 2]. */
  readonly brier: number
  /** Expected calibration error, in [0, 1]. */
  readonly ece: number
}

/**
 * Expected calibration error over equal bins ((i-1)/bins, i/bins] of the confidence: sum_bins n_bin/n |mean confidence - accuracy|.
 *
 * @reference guo2017calibration
 */
export const expectedCalibrationError = (
  confidence: ArrayLike<number>,
  correct: ArrayLike<boolean>,
  bins = 15,
): number => {
  const sums = Array.from({ length: bins }, () => ({ confidence: 0, correct: 0 }))
  for (let i = 0; i < confidence.length; i++) {
    const bin = sums[Math.min(bins - 1, Math.max(0, Math.ceil(confidence[i]! * bins) - 1))]!
    bin.confidence += confidence[i]!
    bin.correct += correct[i] === true ? 1 : 0
  }
  return sums.reduce((error, bin) => error + Math.abs(bin.confidence - bin.correct), 0) / confidence.length
}

/** Metrics of logits `[rows, classes]` for labels `[rows]`. */
export const classificationMetrics = (logits: Float32Array, labels: Int32Array): ClassificationMetrics => {
  const rows = labels.length
  const classes = logits.length / rows
  const confidence = new Float64Array(rows)
  const correct: Array<boolean> = []
  let [nll, brier] = [0, 0]
  for (let i = 0; i < rows; i++) {
    const row = logits.subarray(i * classes, (i + 1) * classes)
    let best = 0
    for (let c = 1; c < classes; c++) if (row[c]! > row[best]!) best = c
    const total = row.reduce((sum, z) => sum + Math.exp(z - row[best]!), 0)
    const logTotal = Math.log(total) + row[best]!
    nll += logTotal - row[labels[i]!]!
    row.forEach((z, c) => (brier += (Math.exp(z - logTotal) - (c === labels[i] ? 1 : 0)) ** 2))
    confidence[i] = Math.exp(row[best]! - logTotal)
    correct.push(best === labels[i])
  }
  const accuracy = correct.filter(Boolean).length / rows
  return { accuracy, nll: nll / rows, brier: brier / rows, ece: expectedCalibrationError(confidence, correct) }
}
