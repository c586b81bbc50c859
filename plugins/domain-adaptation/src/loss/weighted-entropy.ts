/** Entropy of predictions, class by class. */
import { checkClasses, checkMass, type Prediction } from "../prediction.ts"

/** A loss with its gradient by the logits behind a prediction, `[pixels, classes]`. */
export interface LossAndGradient {
  readonly value: number
  readonly gradient: Float64Array
}

/**
 * L = -sum_i m_i sum_k w_k s_ik log s_ik, in nats; masses `[pixels]` sum to 1, weights `[classes]`; 0 log 0 = 0.
 * By logits: m_i s_ij (g_ij - sum_k s_ik g_ik) with g_ik = -w_k (log s_ik + 1). Throws `PredictionInvalid`.
 *
 * @reference bateson2021sourcefree
 */
export const weightedEntropy = (
  prediction: Prediction,
  mass: Float64Array,
  weights: ReadonlyArray<number>,
): LossAndGradient => {
  const { pixels, classes, probability, logProbability } = prediction
  checkMass(prediction, mass)
  checkClasses("class weights", weights, classes)
  const gradient = new Float64Array(probability.length)
  let value = 0
  for (let i = 0; i < pixels; i++) {
    let inner = 0
    for (let k = 0; k < classes; k++) {
      const at = i * classes + k
      const s = probability[at]!
      if (s === 0) continue
      const term = -weights[k]! * s * logProbability[at]!
      value += mass[i]! * term
      gradient[at] = term - weights[k]! * s
      inner += gradient[at]
    }
    for (let at = i * classes; at < (i + 1) * classes; at++)
      gradient[at] = mass[i]! * (gradient[at]! - probability[at]! * inner)
  }
  return { value, gradient }
}
