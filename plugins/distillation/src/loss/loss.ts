/** The registry of distillation losses: one number a row from the student's logits, the teacher's, and the labels. */
import { Family } from "@relent/named"
import type { Tensor } from "@relent/tensor"

export interface LossInput {
  /** Student's logits, `[..., batch, classes]`. */
  readonly student: Tensor
  /** Teacher's logits, of the same shape; no gradient flows into them. */
  readonly teacher: Tensor
  /** Labels as one-hot rows, of the same shape. */
  readonly oneHot: Tensor
}

/** `[..., batch]`: the mean over the batch is the loss. */
export interface DistillationLoss {
  (input: LossInput): Tensor
  /** What somebody may not have meant with so many classes. */
  readonly warning?: (classes: number) => string | undefined
}

export const Loss = Family.make<DistillationLoss>("loss")
