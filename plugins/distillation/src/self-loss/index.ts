/** All losses without a teacher: one is tested by being here. */
import { crossEntropy } from "./cross-entropy.ts"
import { labelSmoothing } from "./label-smoothing.ts"
import { uskd } from "./uskd.ts"

export const selfLosses = [crossEntropy, labelSmoothing, uskd]
