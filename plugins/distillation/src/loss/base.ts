/** What a term is added to: labels, and the teacher's softened classes. */
import { crossEntropy } from "@relent/divergence/tensor"
import { NonNegative, orElse, Positive, Share } from "@relent/named"
import { softmaxCrossEntropy } from "@relent/nn"
import { type Tensor, tf } from "@relent/tensor"
import { Schema } from "effect"
import type { LossInput } from "./loss.ts"

/** Parameters of the base. */
export const baseParameters = {
  alpha: orElse(Share.annotate({ description: "of the teacher in the base; the rest is the labels'" }), 0.8),
  kdTemperature: orElse(Positive.annotate({ description: "tau, of the teacher's term in the base" }), 2),
  kdAnneal: orElse(
    Schema.Boolean.annotate({ description: "tau falls from pass to pass, linearly, to 1 in the last" }),
    false,
  ),
  baseWeight: orElse(NonNegative.annotate({ description: "of the base; 0 leaves the added term alone" }), 1),
}

export interface BaseOptions {
  readonly alpha: number
  readonly kdTemperature: number
  readonly kdAnneal: boolean
  readonly baseWeight: number
}

/** A loss has a term. */
export const something = Schema.makeFilter(({ weight, baseWeight }: { weight: number; baseWeight: number }) =>
  weight + baseWeight > 0 ? undefined : { path: ["weight"], issue: "and baseWeight are 0: there is no loss" },
)

/**
 * baseWeight ((1 - alpha) CE(y, S) + alpha CE(T^tau, S^tau)) in its addends of weight above 0, a number a row each. The teacher's term is
 * a cross-entropy, without the factor tau^2; annealed, tau_e = tau + (1 - tau) e / (E - 1) in pass e of E.
 *
 * @reference cui2024sinkd
 */
export const baseTerms =
  ({ alpha, kdTemperature, kdAnneal, baseWeight }: BaseOptions) =>
  ({ student, teacher, oneHot, passed }: LossInput): Array<Tensor> => {
    const kd = () => {
      if (!kdAnneal || passed === undefined) return crossEntropy(teacher, student, kdTemperature)
      const tau = tf.add(tf.mul(passed, 1 - kdTemperature), kdTemperature)
      return crossEntropy(tf.div(teacher, tau), tf.div(student, tau))
    }
    const terms: ReadonlyArray<readonly [number, () => Tensor]> = [
      [1 - alpha, () => softmaxCrossEntropy(oneHot, student)],
      [alpha, kd],
    ]
    return terms.filter(([share]) => share * baseWeight > 0).map(([share, term]) => tf.mul(term(), share * baseWeight))
  }
