/** Balanced distillation: both directions of KL, weighed row by row. */
import { Divergence } from "@relent/divergence"
import { entropy, onLogits } from "@relent/divergence/tensor"
import { NonNegative, orElse, Positive } from "@relent/named"
import { softmaxCrossEntropy } from "@relent/nn"
import { detached, type Tensor, tf } from "@relent/tensor"
import { Schema } from "effect"
import { type Gate, gateOf, type GateOptions, gateParameters, ordered } from "./gate.ts"
import { type DistillationLoss, Loss } from "./loss.ts"

const { kl, reverseKl } = Divergence

export interface BalancedOptions {
  readonly gate: Gate
  /** t, of both divergences. */
  readonly temperature: number
  /** t_H, at which the entropies are compared. */
  readonly entropyTemperature: number
}

/**
 * w_F KL(T^t || S^t) + w_R KL(S^t || T^t), one number a row, with P^t the softmax at temperature t and (w_F, w_R) the gate's weights
 * at d = H(S^t_H) - H(T^t_H). Neither the weights nor the teacher has a gradient.
 *
 * @reference amara2022bdkd
 */
export const balancedKl = (
  { gate: [surer, otherwise], temperature, entropyTemperature }: BalancedOptions,
  teacher: Tensor,
  student: Tensor,
): Tensor => {
  let below: Tensor | undefined
  // 1 where d < 0; a tie is 0
  const isSurer = () =>
    (below ??= detached(() =>
      tf.step(tf.sub(entropy(teacher, entropyTemperature), entropy(student, entropyTemperature))),
    ))
  const weighted = [kl, reverseKl].flatMap((divergence, i) => {
    const [if1, if0] = [surer[i]!, otherwise[i]!]
    if (if1 === 0 && if0 === 0) return []
    const weight = if1 === if0 ? if1 : tf.add(tf.mul(isSurer(), if1 - if0), if0)
    return [tf.mul(onLogits(divergence, teacher, student, { temperature }), weight)]
  })
  return tf.addN(weighted)
}

/** Parameters of the loss. */
export const bdKdParameters = {
  ...gateParameters,
  temperature: orElse(Positive.annotate({ description: "of both divergences" }), 4),
  entropyTemperature: orElse(Positive.annotate({ description: "at which the gate compares entropies" }), 1),
  studentWeight: orElse(NonNegative.annotate({ description: "of the divergences in the student's loss" }), 1),
}

export interface BdKdOptions extends GateOptions, Omit<BalancedOptions, "gate"> {
  readonly studentWeight: number
}

/**
 * CE(y, S) + lambda_S t^2 (w_F KL(T^t || S^t) + w_R KL(S^t || T^t)). With `gate: forward` and normalised weights it is deep mutual
 * learning's loss, CE + lambda_S t^2 KL(T^t || S^t).
 *
 * @reference amara2022bdkd
 */
export const bdKdLoss = ({ studentWeight, ...options }: BdKdOptions): DistillationLoss => {
  const balanced = { ...options, gate: gateOf(options) }
  return ({ student, teacher, oneHot }) =>
    tf.add(
      softmaxCrossEntropy(oneHot, student),
      tf.mul(balancedKl(balanced, teacher, student), studentWeight * options.temperature ** 2),
    )
}

export const bdKd = Loss.define(
  import.meta.url,
  "distillation/bd-kd",
  1,
  Schema.Struct(bdKdParameters).check(ordered),
  bdKdLoss,
)
