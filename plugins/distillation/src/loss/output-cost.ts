/** How far one row's output is from another's. */
import { groundCost, LogitsMismatch } from "@relent/divergence/tensor"
import { NonNegative, orElse, Positive } from "@relent/named"
import { detached, type Tensor, tf } from "@relent/tensor"
import { Schema } from "effect"
import { baseParameters } from "./base.ts"

export interface GroundOptions {
  /** T, of both softened outputs. */
  readonly temperature: number
  /** p of the L_p ground cost. */
  readonly costNorm: number
}

/** Parameters of both variants. */
export const groundParameters = {
  temperature: orElse(Positive.annotate({ description: "T, of the outputs that are compared" }), 2),
  costNorm: orElse(
    Schema.Finite.check(Schema.isGreaterThanOrEqualTo(1)).annotate({ description: "p of the L_p distance of outputs" }),
    1,
  ),
  weight: orElse(NonNegative.annotate({ description: "beta, of the added term" }), 1),
  ...baseParameters,
}

/**
 * W_ij = |p_i - q_j|_p, in [0, 2], of the student's softmax p at temperature T and the teacher's q: `[..., B, B]` of logits
 * `[..., B, C]`. No gradient flows into the teacher; where both outputs are equal it is 0. Throws `LogitsMismatch`.
 */
export const costOfOutputs = ({ temperature, costNorm }: GroundOptions, student: Tensor, teacher: Tensor): Tensor => {
  if (student.shape.join() !== teacher.shape.join())
    throw new LogitsMismatch({ target: teacher.shape, model: student.shape })
  const softened = (logits: Tensor) => tf.softmax(tf.div(logits, temperature))
  const q = detached(() => softened(teacher))
  return groundCost(softened(student), q, { norm: costNorm, gradient: "first" })
}
