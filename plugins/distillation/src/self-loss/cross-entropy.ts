/** Labels alone: what self-distillation is compared with. */
import { softmaxCrossEntropy } from "@relent/nn"
import { SelfLoss } from "./self-loss.ts"

/** CE(y, S). @reference none: the baseline */
export const crossEntropy = SelfLoss.define(import.meta.url, "distillation/cross-entropy", 1, {}, () => ({
  of: ({ labels, student }) => softmaxCrossEntropy(labels, student),
  coupled: false,
}))
