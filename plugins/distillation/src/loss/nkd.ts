/** Normalised knowledge distillation. */
import { NonNegative, orElse, Positive } from "@relent/named"
import { softmaxCrossEntropy } from "@relent/nn"
import { type Tensor, tf } from "@relent/tensor"
import { type DistillationLoss, Loss } from "./loss.ts"
import { noOthers, nonTarget } from "./non-target.ts"

/**
 * -T_y log S_y + gamma t^2 (- sum_{c != y} T^_c log S^_c), T^ and S^ the softmax over the other classes at temperature t.
 * The target term is always at temperature 1.
 *
 * @reference yang2023knowledge
 */
export const nkdLoss =
  (gamma: number, temperature: number): DistillationLoss =>
  ({ student, teacher, oneHot }) => {
    const [s, t] = [student, teacher].map((logits) => nonTarget(tf.div(logits, temperature), oneHot)) as [
      Tensor,
      Tensor,
    ]
    const targetShare = tf.mul(tf.softmax(teacher), oneHot)
    return tf.add(
      softmaxCrossEntropy(targetShare, student),
      tf.mul(softmaxCrossEntropy(tf.softmax(t), s), gamma * temperature ** 2),
    )
  }

/** ceWeight CE(y, S) + NKD. */
export const nkd = Loss.define(
  import.meta.url,
  "distillation/nkd",
  1,
  {
    gamma: orElse(NonNegative, 1.5),
    temperature: orElse(Positive, 1),
    ceWeight: orElse(NonNegative, 1),
  },
  ({ gamma, temperature, ceWeight }): DistillationLoss => {
    const loss = nkdLoss(gamma, temperature)
    const withLabels: DistillationLoss = (input) =>
      tf.add(tf.mul(softmaxCrossEntropy(input.oneHot, input.student), ceWeight), loss(input))
    return Object.assign(withLabels, { warning: noOthers("gamma", gamma) })
  },
)
