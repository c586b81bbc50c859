/** All optimisers: one is tested by being here. */
import { adam } from "./adam.ts"
import { adamw } from "./adamw.ts"
import { Optimizer } from "./optimizer.ts"
import { sgd } from "./sgd.ts"

export const optimizers = [sgd, adam, adamw]

/** The parameter of a stage that trains. */
export const optimizerParameter = Optimizer.parameter("nn", () => optimizers)

export { makeAdam } from "./adam.ts"
export { makeAdamW } from "./adamw.ts"
export * from "./clip.ts"
export * from "./decayed.ts"
export * from "./moving-average.ts"
export { type At, Optimizer, type Updated } from "./optimizer.ts"
export { makeSgd } from "./sgd.ts"
