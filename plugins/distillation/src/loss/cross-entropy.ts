/** Labels alone: what every distillation is compared with. */
import { crossEntropy as ce, logSoftmax } from "@relent/nn"
import { Loss } from "./loss.ts"

/** CE(y, S); the teacher isn't looked at. @reference none: the baseline of every method here */
export const crossEntropy = Loss.define(
  import.meta.url,
  "distillation/cross-entropy",
  1,
  {},
  () =>
    ({ student, oneHot }) =>
      ce(oneHot, logSoftmax(student)),
)
