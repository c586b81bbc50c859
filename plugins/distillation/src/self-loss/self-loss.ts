/** The registry of losses without a teacher. */
import { Family } from "@relent/named"
import type { Tensor } from "@relent/tensor"

export interface SelfLossInput {
  /** Student's logits, `[..., batch, classes]`. */
  readonly student: Tensor
  /** Logits of the weak head, of the same shape, for a loss that wants one. */
  readonly weak?: Tensor
  /** Labels as rows over the classes, of the same shape: one-hot, or a mixture. */
  readonly labels: Tensor
  /**
   * The classes that the labels name, as rows of the same shape with 1 at the class: the largest, and where labels are mixtures the
   * second, 0 in rows that have none.
   */
  readonly targets: ReadonlyArray<Tensor>
}

export interface SelfLoss {
  /** `[..., batch]`: the mean over the batch is the loss. */
  readonly of: (input: SelfLossInput) => Tensor
  /** Whether a row's loss depends on the other rows of its batch: then the loss can't be taken in pieces. */
  readonly coupled: boolean
  /** The hidden layer, from 0, that a linear weak head reads. The head is trained along, and no part of the model. */
  readonly weakHead?: number
  /** How many classes a row's labels may mix; any number if it isn't said. */
  readonly mixes?: number
  /** What somebody may not have meant with so many classes. */
  readonly warning?: (sizes: { readonly classes: number }) => string | undefined
}

export const SelfLoss = Family.make<SelfLoss>("self-loss")
