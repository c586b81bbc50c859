/** The losses of source-free adaptation on the logits of whole images, with gradients: float32, in log space. */
import type { FDivergence } from "@relent/divergence"
import { logSoftmax, onLogits } from "@relent/divergence/tensor"
import { detached, logSumExp, type Tensor, tf } from "@relent/tensor"
import { Data } from "effect"
import type { SourceFree } from "./source-free.ts"

/** Class weights, logits and priors that are not of the same classes. */
export class ClassesMismatch extends Data.TaggedError("ClassesMismatch")<{ readonly message: string }> {}

const checkClasses = (what: string, found: number, logits: Tensor) => {
  const classes = logits.shape.at(-1)!
  if (found !== classes) throw new ClassesMismatch({ message: `${found} ${what} for logits of ${classes} classes` })
}

/** log sum over pixels, first along a line, then over lines: `[..., classes]` of `[..., height, width, classes]`. */
const logSumOverPixels = (x: Tensor): Tensor => {
  const last = x.rank - 1
  const axes = Array.from({ length: last - 2 }, (_, i) => i)
  return logSumExp(logSumExp(tf.transpose(x, [...axes, last, last - 2, last - 1])))
}

/**
 * -(1/N) sum_i sum_k w_k s_ik log s_ik, in nats: `[...]` of logits `[..., height, width, classes]`. A mean over a line, then over lines:
 * float32 adds a million pixels badly. Throws `ClassesMismatch`.
 *
 * @reference bateson2021sourcefree
 */
export const weightedEntropyOf = (weights: ReadonlyArray<number>, logits: Tensor): Tensor => {
  checkClasses("class weights", weights.length, logits)
  const logS = logSoftmax(logits)
  const terms = tf.mul(tf.mul(tf.exp(logS), logS), tf.tensor1d([...weights]))
  return tf.neg(tf.sum(tf.mean(tf.mean(terms, -2), -2), -1))
}

/**
 * Logits of the predicted ratio, `[..., classes]` of logits `[..., height, width, classes]`: their softmax is q.
 *
 * - `mean`: log sum_i s_ik; q is the mean of s.
 * - `max-normalised`: log sum_i (s_ik / max_j s_ij)^power. Where two classes tie, the first is held to be the largest.
 *
 * @reference bateson2021sourcefree
 */
export const ratioLogits = ({ ratio, power }: Pick<SourceFree, "ratio" | "power">, logits: Tensor): Tensor => {
  const logS = logSoftmax(logits)
  if (ratio === "mean") return logSumOverPixels(logS)
  const first = detached(() => tf.cast(tf.oneHot(tf.argMax(logS, -1), logS.shape.at(-1)!), "float32"))
  const largest = tf.sum(tf.mul(first, logS), -1, true)
  return logSumOverPixels(tf.mul(tf.sub(logS, largest), power))
}

/** Logits of tau: their softmax is (prior + eps) / (1 + K eps). */
export const priorLogits = (prior: ArrayLike<number>, epsilon: number): Float32Array =>
  Float32Array.from(prior, (p) => Math.log(p + epsilon))

/**
 * D(tau || q) of priors as logits, `[..., classes]`, and logits of the ratio: `[...]`. The paper's KL(q || tau) is `reverse-kl`. Throws
 * `ClassesMismatch`.
 *
 * @reference bateson2021sourcefree
 */
export const classRatioOf = (divergence: FDivergence, prior: Tensor, ratio: Tensor): Tensor => {
  checkClasses("prior ratios", prior.shape.at(-1)!, ratio)
  return onLogits(divergence, prior, ratio)
}

/**
 * sum_k relu(lower tau_k - q_k)^2 + relu(q_k - upper tau_k)^2: nothing within the bounds.
 *
 * @reference kervadec2019constrained
 */
export const sizePenalty = (
  { lower, upper }: { readonly lower: number; readonly upper: number },
  prior: Tensor,
  ratio: Tensor,
): Tensor => {
  checkClasses("prior ratios", prior.shape.at(-1)!, ratio)
  const [tau, q] = [tf.exp(logSoftmax(prior)), tf.exp(logSoftmax(ratio))]
  const short = tf.relu(tf.sub(tf.mul(tau, lower), q))
  const long = tf.relu(tf.sub(q, tf.mul(tau, upper)))
  return tf.sum(tf.add(tf.square(short), tf.square(long)), -1)
}

/** What is minimised for an image; `size`, where it is given, stands in for the divergence. */
export interface Adaptation extends SourceFree {
  readonly size?: { readonly lower: number; readonly upper: number }
}

/**
 * lambda_ent L_ent + lambda_prior D(tau || q) of each image, `[...]`; a term whose lambda is 0 isn't computed. Throws `ClassesMismatch`.
 *
 * @reference bateson2021sourcefree
 */
export const adaptationLoss = (options: Adaptation, logits: Tensor, prior: Tensor): Tensor => {
  const { lambda, classWeights, divergence, size } = options
  const terms: Array<Tensor> = []
  if (lambda.entropy > 0) terms.push(tf.mul(weightedEntropyOf(classWeights, logits), lambda.entropy))
  if (lambda.prior > 0) {
    const ratio = ratioLogits(options, logits)
    const apart = size === undefined ? classRatioOf(divergence, prior, ratio) : sizePenalty(size, prior, ratio)
    terms.push(tf.mul(apart, lambda.prior))
  }
  return tf.addN(terms)
}
