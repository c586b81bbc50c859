/** The control of `sinkd`: each row of the student is held to its own row of the teacher. */
import { tf } from "@relent/tensor"
import { Schema } from "effect"
import { type BaseOptions, baseTerms, something } from "./base.ts"
import { type DistillationLoss, Loss } from "./loss.ts"
import { costOfOutputs, type GroundOptions, groundParameters } from "./output-cost.ts"

export interface SamplewiseOptions extends GroundOptions, BaseOptions {
  readonly weight: number
}

/**
 * (1 - alpha) CE(y, S) + alpha KD + weight W_ii, the matching fixed to the diagonal: of the L1 distance W_ii is twice total variation.
 *
 * @reference cui2024sinkd
 */
export const sinkdSamplewiseLoss = (options: SamplewiseOptions): DistillationLoss => {
  const base = baseTerms(options)
  const loss: DistillationLoss = (input) => {
    if (options.weight === 0) return tf.addN(base(input))
    // a set of one row each
    const [student, teacher] = [tf.expandDims(input.student, -2), tf.expandDims(input.teacher, -2)]
    const own = tf.squeeze(costOfOutputs(options, student, teacher), [-2, -1])
    return tf.addN([...base(input), tf.mul(own, options.weight)])
  }
  return Object.assign(loss, { anneals: options.kdAnneal })
}

export const sinkdSamplewise = Loss.define(
  import.meta.url,
  "distillation/sinkd-samplewise",
  1,
  Schema.Struct(groundParameters).check(something),
  sinkdSamplewiseLoss,
)
