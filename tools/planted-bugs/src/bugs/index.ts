/** All flagships, a file each. */
import type { Flagship } from "../bug.ts"
import { bdKd } from "./bd-kd.ts"
import { csIb } from "./cs-ib.ts"
import { fDistill } from "./f-distill.ts"
import { fDpg } from "./f-dpg.ts"
import { fDpo } from "./f-dpo.ts"
import { infoKoopman } from "./info-koopman.ts"
import { klRl } from "./kl-rl.ts"
import { nkdUskd } from "./nkd-uskd.ts"
import { sinkd } from "./sinkd.ts"
import { sourceFree } from "./source-free.ts"

export const flagships: ReadonlyArray<Flagship> = [
  bdKd,
  nkdUskd,
  fDistill,
  csIb,
  klRl,
  sourceFree,
  sinkd,
  fDpo,
  fDpg,
  infoKoopman,
]
