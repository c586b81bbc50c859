/** Knowledge distillation: the teacher's softened distribution as target, in any divergence. */
import { Divergence } from "@relent/divergence"
import { onLogits } from "@relent/divergence/tensor"
import { orElse, Positive, Share } from "@relent/named"
import { softmaxCrossEntropy } from "@relent/nn"
import { tf } from "@relent/tensor"
import { type DistillationLoss, Loss } from "./loss.ts"

/**
 * hardWeight CE(y, S) + (1 - hardWeight) t^2 D(T^t || S^t), where P^t is the softmax at temperature t.
 * Hinton's loss is `kl`; `reverse-kl` is KL(S^t, T^t).
 *
 * @reference hinton2015distilling
 */
export const kdLoss =
  (divergence: Divergence, temperature: number, hardWeight: number): DistillationLoss =>
  ({ student, teacher, oneHot }) => {
    const hard = softmaxCrossEntropy(oneHot, student)
    const soft = onLogits(divergence, teacher, student, { temperature })
    return tf.add(tf.mul(hard, hardWeight), tf.mul(soft, (1 - hardWeight) * temperature ** 2))
  }

export const kd = Loss.define(
  import.meta.url,
  "distillation/kd",
  1,
  {
    divergence: orElse(Divergence.parameter, "kl"),
    temperature: orElse(Positive, 4),
    hardWeight: orElse(Share, 0.1),
  },
  ({ divergence, temperature, hardWeight }) => kdLoss(divergence, temperature, hardWeight),
)
