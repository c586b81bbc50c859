/** Policies over sequences: exact ones in float64, and tokens. Networks are in `@relent/sequence/policies`. */
export * as Exact from "./exact.ts"
export * as Markov from "./markov.ts"
export type { MarkovPolicy } from "./markov.ts"
export {
  type AutoregressivePolicy,
  type ExactPolicy,
  lengthOf,
  Policy,
  shapeOf,
  startOf,
  type TabularPolicy,
  vocabularyOf,
} from "./policy.ts"
export { Pairs, type PairSamples, pairsOf, Preferences } from "./preferences.ts"
export { Rewards } from "./rewards.ts"
export { concat, overTokens, padded, pick, rowSums, type Samples, samplesOf } from "./samples.ts"
export * as Tabular from "./tabular.ts"
export {
  type AutoregressiveTarget,
  type ExactTarget,
  logZOf,
  makeMarkovTarget,
  makeTarget,
  type MarkovTarget,
  policyOf,
  Target,
  type TabularTarget,
} from "./target.ts"
export * as Chain from "./tilted-chain.ts"
export type { TiltedChain } from "./tilted-chain.ts"
export { type Feature, featuresOf, featureTilt, stepTilt, type Tilt, tiltOf } from "./tilt.ts"
export { bytes, characters, letters, type Tokeniser, tokenisers, TokenUnknown } from "./tokeniser.ts"
