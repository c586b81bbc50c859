/** The algebra of divergences, in float64; tensors are in `@relent/divergence/tensor`. */
import { define, judge } from "./custom.ts"
import type { Divergence as Member } from "./divergence.ts"
import * as named from "./members.ts"
import { having, parameter } from "./parameter.ts"

/** A divergence `D(target || model)`: the target is what is given, the model what is trained. */
export type Divergence = Member

/** The divergences by name, and how others are defined, judged and chosen. */
export const Divergence = { ...named, define, judge, parameter, having }

export type { Arithmetic, Generator } from "./arithmetic.ts"
export { catalogue, describe, type GeneratorFacts, type Row } from "./catalogue.ts"
export { type Bandwidth, bandwidth, bandwidthRules } from "./bandwidth.ts"
export { type Custom, NotADivergence } from "./custom.ts"
export {
  betweenConditionals,
  DegenerateBottleneck,
  type Denominator,
  denominators,
  dependence,
  normalisedDependence,
  type Seen,
} from "./dependence.ts"
export { checkDistribution, NotADistribution } from "./distribution.ts"
export { type OnLogits, onLogits, type Spelling } from "./divergence.ts"
export * from "./estimator.ts"
export { FDivergence } from "./f-divergence.ts"
export { type Family, ParameterOutOfRange } from "./family.ts"
export { float64, logSumExp } from "./float64.ts"
export { betweenGaussians, type Gaussian, NoClosedForm, NotAGaussian, squaredWasserstein } from "./gaussian.ts"
export * from "./information.ts"
export {
  betweenPoints,
  type KernelDivergence,
  kernelDivergences,
  NoPoints,
  type Points,
  unbiasedMmd,
} from "./kernel.ts"
export { families, members, singles } from "./known.ts"
export type { Laws } from "./law.ts"
export { type Optimum, optimum } from "./optimum.ts"
export {
  type Links,
  linksAt,
  type PreferenceLoss,
  preferenceLosses,
  type PreferenceOptions,
  sigmoid,
} from "./preference.ts"
export { Property } from "./property.ts"
export { DegeneratePoints, type Spread, vonNeumann } from "./von-neumann.ts"
export * from "./transport/index.ts"
