/** How good predicted distributions are, in float64. */
import { Data } from "effect"

/** Logits and labels that don't belong together. */
export class MetricsInvalid extends Data.TaggedError("MetricsInvalid")<{ readonly message: string }> {}

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

const check = (logits: Float32Array, labels: Int32Array, classes: number) => {
  const problem = (message: string) => new MetricsInvalid({ message })
  if (labels.length === 0) return problem("there are no rows")
  if (!Number.isInteger(classes)) return problem(`${logits.length} logits aren't ${labels.length} rows`)
  const row = labels.findIndex((label) => label < 0 || label >= classes)
  if (row >= 0) return problem(`label ${labels[row]} of row ${row} is no class of ${classes}`)
  const at = logits.findIndex((z) => Number.isNaN(z) || z === Infinity)
  return at < 0 ? undefined : problem(`a logit of row ${Math.floor(at / classes)} is ${logits[at]}`)
}

/**
 * Metrics of logits `[rows, classes]` for labels `[rows]`; a class of logit -Infinity has probability 0. Throws `MetricsInvalid`.
 *
 * ```ts example
 * import { classificationMetrics } from "@relent/nn"
 * classificationMetrics(Float32Array.of(3, 0, 0, 3), Int32Array.of(0, 0)).accuracy // => 0.5
 * ```
 */
export const classificationMetrics = (logits: Float32Array, labels: Int32Array): ClassificationMetrics => {
  const rows = labels.length
  const classes = logits.length / rows
  const problem = check(logits, labels, classes)
  if (problem !== undefined) throw problem
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
