/** Knowledge distillation: the teacher's softened distribution as target. */
import { crossEntropy, entropy, logSoftmax } from "@relent/nn"
import { tf } from "@relent/tensor"
import { Effect, Schema } from "effect"
import { type DistillationLoss, Loss } from "./loss.ts"

/**
 * hardWeight CE(y, S) + (1 - hardWeight) t^2 KL(T^t || S^t), where P^t is the softmax at temperature t.
 * The divergence is the cross-entropy less the teacher's entropy, so no quotient is taken.
 *
 * @reference hinton2015distilling
 */
export const kdLoss =
  (temperature: number, hardWeight: number): DistillationLoss =>
  ({ student, teacher, oneHot }) => {
    const hard = crossEntropy(oneHot, logSoftmax(student))
    const target = tf.exp(logSoftmax(teacher, temperature))
    const soft = tf.sub(crossEntropy(target, logSoftmax(student, temperature)), entropy(teacher, temperature))
    return tf.add(tf.mul(hard, hardWeight), tf.mul(soft, (1 - hardWeight) * temperature ** 2))
  }

export const kd = Loss.define(
  import.meta.url,
  "distillation/kd",
  1,
  {
    temperature: Schema.Finite.check(Schema.isGreaterThan(0)).pipe(Schema.withDecodingDefaultKey(Effect.succeed(4))),
    hardWeight: Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 })).pipe(
      Schema.withDecodingDefaultKey(Effect.succeed(0.1)),
    ),
  },
  ({ temperature, hardWeight }) => kdLoss(temperature, hardWeight),
)
