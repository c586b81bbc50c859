/** Normalised knowledge distillation. */
import { logSoftmax } from "@relent/nn"
import { tf } from "@relent/tensor"
import { Effect, Schema } from "effect"
import { type DistillationLoss, Loss } from "./loss.ts"
import { nonTargetCrossEntropy, nonTargetLog } from "./non-target.ts"

/**
 * -T_y log S_y + gamma t^2 (- sum_{c != y} T^_c log S^_c), T^ and S^ the softmax over the other classes at temperature t.
 * The target term is always at temperature 1.
 *
 * @reference yang2023knowledge
 */
export const nkdLoss =
  (gamma: number, temperature: number): DistillationLoss =>
  ({ student, teacher, oneHot }) => {
    const at = (log: ReturnType<typeof logSoftmax>) => tf.sum(tf.mul(log, oneHot), -1)
    const target = tf.neg(tf.mul(tf.exp(at(logSoftmax(teacher))), at(logSoftmax(student))))
    const [t, s] = [nonTargetLog(teacher, oneHot, temperature), nonTargetLog(student, oneHot, temperature)]
    return tf.add(target, tf.mul(nonTargetCrossEntropy(t, s, oneHot), gamma * temperature ** 2))
  }

const NonNegative = Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0))

/** ceWeight CE(y, S) + NKD. */
export const nkd = Loss.define(
  import.meta.url,
  "distillation/nkd",
  1,
  {
    gamma: NonNegative.pipe(Schema.withDecodingDefaultKey(Effect.succeed(1.5))),
    temperature: Schema.Finite.check(Schema.isGreaterThan(0)).pipe(Schema.withDecodingDefaultKey(Effect.succeed(1))),
    ceWeight: NonNegative.pipe(Schema.withDecodingDefaultKey(Effect.succeed(1))),
  },
  ({ gamma, temperature, ceWeight }): DistillationLoss => {
    const loss = nkdLoss(gamma, temperature)
    return (input) => {
      const hard = tf.neg(tf.sum(tf.mul(input.oneHot, logSoftmax(input.student)), -1))
      return tf.add(tf.mul(hard, ceWeight), loss(input))
    }
  },
)
