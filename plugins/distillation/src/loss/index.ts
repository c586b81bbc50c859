/** All losses of this plugin: a loss is tested by being here. */
import { bdKd } from "./bd-kd.ts"
import { crossEntropy } from "./cross-entropy.ts"
import { dkd } from "./dkd.ts"
import { kd } from "./kd.ts"
import { nkd } from "./nkd.ts"
import { sinkd } from "./sinkd.ts"
import { sinkdSamplewise } from "./sinkd-samplewise.ts"

export const losses = [crossEntropy, kd, bdKd, dkd, nkd, sinkd, sinkdSamplewise]
