/** All losses of this plugin: a loss is tested by being here. */
import { crossEntropy } from "./cross-entropy.ts"
import { kd } from "./kd.ts"
import { nkd } from "./nkd.ts"

export const losses = [crossEntropy, kd, nkd]
