/** Label smoothing: a share of the label is spread over all classes. */
import { orElse, Share } from "@relent/named"
import { softmaxCrossEntropy } from "@relent/nn"
import { type Tensor, tf } from "@relent/tensor"
import { SelfLoss } from "./self-loss.ts"

/** (1 - a) y + a / C. */
export const smooth = (labels: Tensor, amount: number): Tensor =>
  tf.add(tf.mul(labels, 1 - amount), amount / labels.shape.at(-1)!)

/**
 * CE((1 - a) y + a / C, S).
 *
 * @reference szegedy2016rethinking
 */
export const labelSmoothing = SelfLoss.define(
  import.meta.url,
  "distillation/label-smoothing",
  1,
  {
    amount: orElse(Share, 0.1),
  },
  ({ amount }) => ({
    of: ({ labels, student }) => softmaxCrossEntropy(smooth(labels, amount), student),
    coupled: false,
  }),
)
