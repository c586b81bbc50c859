/** Targets from moments: generation with distributional control. */
import {
  Chain,
  type ExactPolicy,
  type Feature,
  featuresOf,
  featureTilt,
  makeMarkovTarget,
  makeTarget,
  padded,
  type Policy,
  type Samples,
  Tabular,
  type TabularPolicy,
  type Target,
  type Tilt,
  tiltOf,
  vocabularyOf,
} from "@relent/sequence"
import { logSumExp } from "@relent/divergence"

/** Every answer of every context of a tabular policy, as sequences of one token. */
const answersOf = ({ contexts, answers }: TabularPolicy): Samples =>
  padded(
    Array.from({ length: contexts * answers }, (_, i) => Math.floor(i / answers)),
    Array.from({ length: contexts * answers }, (_, i) => [i % answers]),
  )

/** A prior under a tilt. Throws `NotADistribution` where Z is 0. */
export const tiltedTarget = (prior: Policy, tilt: Tilt): Target => {
  if (prior.kind === "markov") return makeMarkovTarget(prior, tilt)
  if (prior.kind === "autoregressive") return { kind: "autoregressive", contexts: 1, prior, tilt, exact: false }
  const tilts = tiltOf(tilt, 0, answersOf(prior))
  return makeTarget(
    prior.contexts,
    prior.answers,
    Tabular.logProbabilities(prior).map((l, i) => l + tilts[i]!),
  )
}

/** `E_p[phi]` of the tilted prior, a mean over contexts, `[features]`: exact. */
export const exactMoments =
  (prior: ExactPolicy, features: ReadonlyArray<Feature>) =>
  (lambda: Float64Array): Float64Array => {
    const target = tiltedTarget(prior, featureTilt(vocabularyOf(prior), features, lambda))
    if (target.kind === "tabular") {
      const phi = featuresOf(features, answersOf(prior as TabularPolicy))
      const policy = Tabular.make(target.contexts, target.answers, target.logScore)
      return Float64Array.from(features, (_, k) => {
        const column = Float64Array.from(
          { length: phi.length / features.length },
          (_, i) => phi[i * features.length + k]!,
        )
        return Tabular.expect(policy, column).reduce((sum, m) => sum + m / target.contexts, 0)
      })
    }
    const { chain } = target as Extract<Target, { kind: "markov" }>
    const bits = features.map((_, k) => features.slice(0, k).filter(({ how }) => how === "contains").length)
    return Float64Array.from(features, ({ how, tokens }, k) =>
      how === "count"
        ? Chain.expectTilted(chain, (_, w) => (tokens.includes(w) ? 1 : 0))
        : Chain.expectTilted(
            chain,
            () => 0,
            (s) => (s >> bits[k]!) & 1,
          ),
    )
  }

/** The same from samples of the prior, by self-normalised weights `exp(lambda phi)`. @reference go2023fdpg */
export const sampledMoments = (features: ReadonlyArray<Feature>, samples: Samples) => {
  const phi = featuresOf(features, samples)
  const n = samples.lengths.length
  const K = features.length
  return (lambda: Float64Array): Float64Array => {
    const logV = Float64Array.from({ length: n }, (_, i) =>
      lambda.reduce((sum, l, k) => {
        const value = phi[i * K + k]!
        return l === Infinity ? (value > 0 ? sum : -Infinity) : sum + l * value
      }, 0),
    )
    const total = logSumExp(logV)
    const out = new Float64Array(K)
    logV.forEach((l, i) => {
      for (let k = 0; k < K; k++) out[k]! += Math.exp(l - total) * phi[i * K + k]!
    })
    return out
  }
}

export interface Fit {
  readonly lambda: Float64Array
  readonly achieved: Float64Array
  readonly iterations: number
  readonly isConverged: boolean
}

/**
 * `lambda <- lambda - rate (E[phi] - moments)` until the largest error is below the tolerance; a lambda that begins infinite stays: that
 * feature must be there.
 *
 * @reference khalifa2021distributional
 */
export const constrain = (
  momentsAt: (lambda: Float64Array) => Float64Array,
  start: Float64Array,
  wanted: ReadonlyArray<number>,
  { learningRate, tolerance, iterations }: { learningRate: number; tolerance: number; iterations: number },
): Fit => {
  let lambda = start
  let achieved = momentsAt(lambda)
  const error = () =>
    achieved.reduce((most, m, k) => (start[k] === Infinity ? most : Math.max(most, Math.abs(m - wanted[k]!))), 0)
  let done = 0
  for (; done < iterations && !(error() < tolerance); done++) {
    lambda = lambda.map((l, k) => l - learningRate * (achieved[k]! - wanted[k]!))
    achieved = momentsAt(lambda)
  }
  return { lambda, achieved, iterations: done, isConverged: error() < tolerance }
}
