/** Distributions over the classes that are not the label's. */
import { type Tensor, tf } from "@relent/tensor"
import { Data } from "effect"
import type { Sizes } from "./loss.ts"

/** Logits and labels that are not over the same rows and classes. */
export class LabelsMismatch extends Data.TaggedError("LabelsMismatch")<{
  readonly logits: ReadonlyArray<number>
  readonly labels: ReadonlyArray<number>
}> {
  override get message() {
    return `logits are [${this.logits.join(", ")}], labels [${this.labels.join(", ")}]; both must have one shape`
  }
}

/** Far below every logit, and finite in float32. */
const far = -1e4

/**
 * Logits whose softmax is that over the other classes: what `targets` marks with 1 gets probability exp(-1e4) = 0. The others
 * keep their logits to the bit, so it is finite where 1 - S_y vanishes. Nothing is gathered: indexing has no gradient on wasm.
 * Throws `LabelsMismatch`.
 */
export const nonTarget = (logits: Tensor, targets: Tensor): Tensor => {
  const [wanted, given] = [logits.shape, targets.shape]
  if (wanted.join() !== given.join()) throw new LabelsMismatch({ logits: wanted, labels: given })
  return tf.add(logits, tf.mul(targets, far))
}

/** A warning for two classes, where softmax over the one other class is 1 whatever the logits, and its term 0. */
export const noOthers =
  (term: string, weight: number) =>
  ({ classes }: Pick<Sizes, "classes">): string | undefined =>
    classes === 2 && weight > 0
      ? `of two classes only one isn't the label: the non-target term '${term}' is 0`
      : undefined
