/** Decoupled knowledge distillation: target and other classes apart, each with a weight of its own. */
import { Divergence } from "@relent/divergence"
import { onLogits } from "@relent/divergence/tensor"
import { NonNegative, orElse, Positive } from "@relent/named"
import { softmaxCrossEntropy } from "@relent/nn"
import { type Tensor, tf } from "@relent/tensor"
import { type DistillationLoss, Loss } from "./loss.ts"
import { noOthers, nonTarget } from "./non-target.ts"

/** Logits of (p_y, 1 - p_y), `[..., 2]`: that of the label, and log sum exp of the others. */
const binary = (logits: Tensor, others: Tensor, oneHot: Tensor): Tensor =>
  tf.stack([tf.sum(tf.mul(logits, oneHot), -1), tf.logSumExp(others, -1)], -1)

/**
 * t^2 (alpha KL(b_T || b_S) + beta KL(T^ || S^)) at temperature t: b = (p_y, 1 - p_y), and T^, S^ the softmax over the other
 * classes. KD is the same with alpha = 1, beta = 1 - T_y.
 *
 * @reference zhao2022decoupled
 */
export const dkdLoss =
  (alpha: number, beta: number, temperature: number): DistillationLoss =>
  ({ student, teacher, oneHot }) => {
    const [s, t] = [tf.div(student, temperature), tf.div(teacher, temperature)]
    const [so, to] = [nonTarget(s, oneHot), nonTarget(t, oneHot)]
    const target = onLogits(Divergence.kl, binary(t, to, oneHot), binary(s, so, oneHot))
    const others = onLogits(Divergence.kl, to, so)
    return tf.mul(tf.add(tf.mul(target, alpha), tf.mul(others, beta)), temperature ** 2)
  }

/** ceWeight CE(y, S) + DKD. */
export const dkd = Loss.define(
  import.meta.url,
  "distillation/dkd",
  1,
  {
    alpha: orElse(NonNegative, 1),
    beta: orElse(NonNegative, 8),
    temperature: orElse(Positive, 4),
    ceWeight: orElse(NonNegative, 1),
  },
  ({ alpha, beta, temperature, ceWeight }): DistillationLoss => {
    const loss = dkdLoss(alpha, beta, temperature)
    const withLabels: DistillationLoss = (input) =>
      tf.add(tf.mul(softmaxCrossEntropy(input.oneHot, input.student), ceWeight), loss(input))
    return Object.assign(withLabels, { warning: noOthers("beta", beta) })
  },
)
