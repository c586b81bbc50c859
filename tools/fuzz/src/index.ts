/** Damaged files and documents, each through its reader. */
export { type Batch, type Ended, type Finding, type Found, fuzz, type Outcomes, watched } from "./run.ts"
export type { Reading, Readings, Target } from "./target.ts"
export { type TargetName, targets } from "./targets/index.ts"
