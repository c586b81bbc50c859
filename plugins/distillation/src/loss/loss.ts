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
  /** For a loss that `anneals`: passes over the data that are done, from 0 in the first to 1 in the last, `[..., batch, 1]`. */
  readonly passed?: Tensor
}

/** What a loss is taken of. */
export interface Sizes {
  readonly members: number
  readonly batch: number
  readonly classes: number
}

/** `[..., batch]`: the mean over the batch is the loss. */
export interface DistillationLoss {
  (input: LossInput): Tensor
  /** Whether a row's loss depends on the other rows of its batch: then the loss can't be taken in pieces. */
  readonly coupled?: boolean
  /** Whether it changes from pass to pass over the data. */
  readonly anneals?: boolean
  /** What somebody may not have meant with such sizes. */
  readonly warning?: (sizes: Sizes) => string | undefined
  /** Why it can't be taken of such sizes, and what to do. */
  readonly refusal?: (sizes: Sizes) => { readonly message: string; readonly hint: string } | undefined
}

export const Loss = Family.make<DistillationLoss>("loss")
