/** Self-distillation by customised soft labels. */
import { NonNegative, orElse } from "@relent/named"
import { softmaxCrossEntropy } from "@relent/nn"
import { type Tensor, tf } from "@relent/tensor"
import { Schema } from "effect"
import { noOthers, nonTarget } from "../loss/non-target.ts"
import { otherLabels, type RankScore, targetLabels, union } from "./customised-labels.ts"
import { smooth } from "./label-smoothing.ts"
import { SelfLoss, type SelfLossInput } from "./self-loss.ts"

export interface Uskd {
  readonly alpha: number
  readonly beta: number
  readonly mu: number
  readonly rankScore: RankScore
}

/**
 * CE(y, S) + alpha (-P_y log S_y) + beta (- sum_{c != y} N_c log S^_c) + mu CE(0.9 y + 0.1 / C, W): S^ is the softmax over the other
 * classes, W the weak head's; P and N are constants. Without weak head it is the first two terms.
 *
 * @reference yang2023knowledge
 */
export const uskdLoss =
  ({ alpha, beta, mu, rankScore }: Uskd) =>
  ({ weak, ...input }: SelfLossInput): Tensor => {
    const { student, labels, targets } = input
    // Cross-entropy is linear in its target.
    const target = softmaxCrossEntropy(tf.add(labels, tf.mul(targetLabels(input), alpha)), student)
    if (weak === undefined) return target
    const others = softmaxCrossEntropy(otherLabels({ ...input, weak }, rankScore), nonTarget(student, union(targets)))
    const head = softmaxCrossEntropy(smooth(labels, 0.1), weak)
    return tf.addN([target, tf.mul(others, beta), tf.mul(head, mu)])
  }

/** P is a statistic of the batch, so the loss is coupled. */
export const uskd = SelfLoss.define(
  import.meta.url,
  "distillation/uskd",
  1,
  {
    alpha: orElse(NonNegative, 1),
    beta: orElse(NonNegative, 0.1),
    mu: orElse(NonNegative, 0.005),
    rankScore: orElse(Schema.Literals(["log", "prob"]), "log" as const),
    layer: orElse(
      Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)).annotate({
        description: "the hidden layer that the weak head reads, from 0",
      }),
      0,
    ),
  },
  ({ layer, ...parameters }): SelfLoss => {
    const { beta, mu } = parameters
    return {
      of: uskdLoss(parameters),
      coupled: true,
      ...(beta + mu > 0 && { weakHead: layer }),
      mixes: 2,
      warning: noOthers("beta", beta),
    }
  },
)
