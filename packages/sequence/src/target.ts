/** Targets: distributions known up to a constant, which a policy is to come near. What states one, and what approximates it, are different stages. */
import { objectCodec, type Parameters, tensorValue } from "@relent/arrow"
import { logSumExp } from "@relent/divergence"
import { Schema } from "effect"
import { checkLogWeights, matrixOf, rowOf } from "./matrix.ts"
import {
  type AutoregressiveHeader,
  autoregressiveHeader,
  autoregressiveOf,
  type AutoregressivePolicy,
  autoregressiveTensors,
  makeTabular,
  type MarkovHeader,
  markovHeader,
  markovOf,
  markovTensors,
  type TabularPolicy,
} from "./policy.ts"
import type { MarkovPolicy } from "./markov.ts"
import { tilted, type TiltedChain } from "./tilted-chain.ts"
import type { Tilt } from "./tilt.ts"

/** A target over the answers of each context, with its constant. */
export interface TabularTarget {
  readonly kind: "tabular"
  readonly contexts: number
  readonly answers: number
  /** `log w(c, a)` `[contexts, answers]`, row-major; -infinity outside the support. */
  readonly logScore: Float64Array
  /** `log Z(c) = log sum_a w(c, a)` `[contexts]`. */
  readonly logZ: Float64Array
  /** `logZ` is enumerated, not estimated. */
  readonly exact: true
}

/** `pi0(x) exp(tilt(x)) / Z` of a Markov prior: its constant, expectations and samples are exact. */
export interface MarkovTarget {
  readonly kind: "markov"
  readonly contexts: 1
  readonly chain: TiltedChain
  readonly exact: true
}

/** The same of an autoregressive prior: a score without a constant. */
export interface AutoregressiveTarget {
  readonly kind: "autoregressive"
  readonly contexts: 1
  readonly prior: AutoregressivePolicy
  readonly tilt: Tilt
  readonly exact: false
}

/** A further kind is a member here, and a line in the codec below. */
export type Target = TabularTarget | MarkovTarget | AutoregressiveTarget
/** The kinds whose constants are known. */
export type ExactTarget = TabularTarget | MarkovTarget

/** A target from its log-scores `[contexts, answers]`, which aren't copied. Throws `NotADistribution`, also where Z is 0. */
export const makeTarget = (contexts: number, answers: number, logScore: Float64Array): TabularTarget => {
  checkLogWeights("target", { contexts, answers, values: logScore })
  const logZ = Float64Array.from({ length: contexts }, (_, c) => logSumExp(rowOf(logScore, answers, c)))
  return { kind: "tabular", contexts, answers, logScore, logZ, exact: true }
}

/** A Markov prior under a tilt. Throws `NotADistribution` where Z is 0. */
export const makeMarkovTarget = (prior: MarkovPolicy, tilt: Tilt): MarkovTarget => ({
  kind: "markov",
  contexts: 1,
  chain: tilted(prior, tilt),
  exact: true,
})

/** `w / Z`, as a policy. */
export const policyOf = ({ contexts, answers, logScore }: TabularTarget): TabularPolicy =>
  makeTabular(contexts, answers, logScore)

/** `log Z` of each context, where it is known. */
export const logZOf = (target: ExactTarget): Float64Array =>
  target.kind === "tabular" ? target.logZ : Float64Array.of(target.chain.logZ)

const tiltTensors = ({ vocabulary, states, step, next, final }: Tilt): Parameters => ({
  "tilt/step": tensorValue("float64", step, [vocabulary, vocabulary]),
  "tilt/next": tensorValue("int32", next, [states, vocabulary]),
  "tilt/final": tensorValue("float64", final, [states]),
})

const tiltIn = (parameters: Parameters): Tilt => {
  const [states, vocabulary] = parameters["tilt/next"]!.shape as readonly [number, number]
  return {
    vocabulary,
    states,
    step: parameters["tilt/step"]!.values as Float64Array,
    next: parameters["tilt/next"]!.values as Int32Array,
    final: parameters["tilt/final"]!.values as Float64Array,
  }
}

const prior = "prior/"
const withPrior = (parameters: Parameters): Parameters =>
  Object.fromEntries(Object.entries(parameters).map(([path, tensor]) => [`${prior}${path}`, tensor]))
const priorIn = (parameters: Parameters): Parameters =>
  Object.fromEntries(
    Object.entries(parameters)
      .filter(([path]) => path.startsWith(prior))
      .map(([path, tensor]) => [path.slice(prior.length), tensor]),
  )

/** The port of a target. */
export const Target = objectCodec<Target>()("sequence/target", 1, {
  tabular: {
    header: Schema.Struct({}),
    decode: (_: {}, parameters) => {
      const { contexts, answers, values } = matrixOf(parameters, "logScore")
      return makeTarget(contexts, answers, values)
    },
    encode: ({ contexts, answers, logScore }) => [
      {},
      { logScore: tensorValue("float64", logScore, [contexts, answers]) },
    ],
  },
  markov: {
    header: Schema.Struct(markovHeader),
    decode: (header: MarkovHeader, parameters) =>
      makeMarkovTarget(markovOf(header, priorIn(parameters)), tiltIn(parameters)),
    encode: ({ chain }) => {
      const [header, tensors] = markovTensors(chain.prior)
      return [header, { ...withPrior(tensors), ...tiltTensors(chain.tilt) }]
    },
  },
  autoregressive: {
    header: Schema.Struct(autoregressiveHeader),
    decode: (header: AutoregressiveHeader, parameters) => ({
      kind: "autoregressive",
      contexts: 1,
      prior: autoregressiveOf(header, priorIn(parameters)),
      tilt: tiltIn(parameters),
      exact: false,
    }),
    encode: ({ prior, tilt }) => {
      const [header, tensors] = autoregressiveTensors(prior)
      return [header, { ...withPrior(tensors), ...tiltTensors(tilt) }]
    },
  },
})
