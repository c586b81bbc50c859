/** Entropy, cross-entropy and softmax of float64 rows, in nats and in log space. */
import { sharedSupport } from "./distribution.ts"
import { logSumExp } from "./float64.ts"

/** `log softmax(logits / temperature)` of a row `[classes]`. */
export const logSoftmax = (logits: ArrayLike<number>, temperature = 1): Float64Array => {
  const row = new Float64Array(logits.length)
  for (let i = 0; i < row.length; i++) row[i] = logits[i]! / temperature
  const total = logSumExp(row)
  for (let i = 0; i < row.length; i++) row[i]! -= total
  return row
}

/** `softmax(logits / temperature)` of a row `[classes]`. */
export const softmax = (logits: ArrayLike<number>, temperature = 1): Float64Array =>
  logSoftmax(logits, temperature).map(Math.exp)

/** `H(p) = -sum p log p`, with `0 log 0 = 0`; in `[0, log classes]`. Throws `NotADistribution`. */
export const entropy = (p: ArrayLike<number>): number => crossEntropy(p, p)

/** `-sum target log model = H(target) + KL(target || model)`; infinite where the model misses a class of the target. */
export const crossEntropy = (target: ArrayLike<number>, model: ArrayLike<number>): number => {
  const { logTarget, logModel, targetOnly } = sharedSupport(target, model)
  if (targetOnly > 0) return Number.POSITIVE_INFINITY
  return logTarget.reduce((total, logP, i) => total - Math.exp(logP) * logModel[i]!, 0)
}
