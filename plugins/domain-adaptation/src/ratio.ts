/** Predicted class ratios: which share of an image each class covers. */
import { checkMass, type Prediction } from "./prediction.ts"

/** A ratio, and the gradient by logits `[pixels, classes]` that a gradient by the ratio `[classes]` becomes. */
export interface Ratio {
  /** `[classes]`, on the simplex. */
  readonly ratio: Float64Array
  readonly pullBack: (byRatio: Float64Array) => Float64Array
}

/** q_k = sum_i m_i s_ik; masses `[pixels]` sum to 1. @reference bateson2021sourcefree */
export const meanRatio = (prediction: Prediction, mass: Float64Array): Ratio => {
  const { pixels, classes, probability } = prediction
  checkMass(prediction, mass)
  const ratio = new Float64Array(classes)
  for (let i = 0; i < pixels; i++)
    for (let k = 0; k < classes; k++) ratio[k]! += mass[i]! * probability[i * classes + k]!
  return {
    ratio,
    pullBack: (g) => {
      const gradient = new Float64Array(probability.length)
      for (let i = 0; i < pixels; i++) {
        let inner = 0
        for (let k = 0; k < classes; k++) inner += probability[i * classes + k]! * g[k]!
        for (let k = 0; k < classes; k++)
          gradient[i * classes + k] = mass[i]! * probability[i * classes + k]! * (g[k]! - inner)
      }
      return gradient
    },
  }
}

/**
 * q_k = R_k / sum R, R_k = sum_i m_i r_ik, r_ik = (s_ik / max_j s_ij)^power: an unsure pixel counts for several classes. Where two
 * classes tie for the largest, the first is held to be it.
 *
 * @reference bateson2021sourcefree
 */
export const maxNormalisedRatio = (prediction: Prediction, mass: Float64Array, power = 1): Ratio => {
  const { pixels, classes, logProbability } = prediction
  checkMass(prediction, mass)
  const relative = new Float64Array(logProbability.length)
  const largest = new Int32Array(pixels)
  const ratio = new Float64Array(classes)
  for (let i = 0; i < pixels; i++) {
    const row = logProbability.subarray(i * classes, (i + 1) * classes)
    const top = row.indexOf(Math.max(...row))
    largest[i] = top
    for (let k = 0; k < classes; k++) {
      relative[i * classes + k] = Math.exp(power * (row[k]! - row[top]!))
      ratio[k]! += mass[i]! * relative[i * classes + k]!
    }
  }
  const total = ratio.reduce((sum, r) => sum + r, 0)
  for (let k = 0; k < classes; k++) ratio[k]! /= total
  return {
    ratio,
    pullBack: (g) => {
      const mean = g.reduce((sum, v, k) => sum + v * ratio[k]!, 0)
      const byR = g.map((v) => (v - mean) / total)
      const gradient = new Float64Array(relative.length)
      for (let i = 0; i < pixels; i++) {
        let all = 0
        for (let k = 0; k < classes; k++) {
          const own = mass[i]! * power * byR[k]! * relative[i * classes + k]!
          gradient[i * classes + k] = own
          all += own
        }
        gradient[i * classes + largest[i]!]! -= all
      }
      return gradient
    },
  }
}
