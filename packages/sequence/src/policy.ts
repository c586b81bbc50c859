/** Policies: a tagged union of kinds behind one port; a stage says which kinds it can work with. */
import { objectCodec, type Parameters, tensorValue } from "@relent/arrow"
import type { TransformerShape } from "@relent/nn"
import { Schema } from "effect"
import { type MarkovPolicy, makeMarkov } from "./markov.ts"
import { checkLogWeights, matrixOf } from "./matrix.ts"

/** A distribution over the same few answers for each context: everything about it can be enumerated. */
export interface TabularPolicy {
  readonly kind: "tabular"
  readonly contexts: number
  readonly answers: number
  /** `[contexts, answers]`, row-major; -infinity for an answer that is never given. `pi(a | c)` is their softmax. */
  readonly logits: Float64Array
}

/** A causal transformer: each token's distribution follows from all before it. Known by its samples and their log-probabilities. */
export interface AutoregressivePolicy {
  readonly kind: "autoregressive"
  readonly contexts: 1
  /** `context` is at least the start and `length` tokens. */
  readonly shape: Omit<TransformerShape, "members">
  readonly length: number
  /** The token before the first. */
  readonly start: number
  /** A token that ends a sequence, where there is one. */
  readonly end: number | undefined
  /** By path, of one member, float32. */
  readonly weights: Parameters
}

/** A further kind is a member here, and a line in the codec below. */
export type Policy = TabularPolicy | MarkovPolicy | AutoregressivePolicy
/** The kinds of which expectations are exact. */
export type ExactPolicy = TabularPolicy | MarkovPolicy

/** A tabular policy from logits `[contexts, answers]`, which aren't copied. Throws `NotADistribution`. */
export const makeTabular = (contexts: number, answers: number, logits: Float64Array): TabularPolicy => {
  checkLogWeights("policy", { contexts, answers, values: logits })
  return { kind: "tabular", contexts, answers, logits }
}

/** Tokens that a policy knows: of a tabular one, its answers. */
export const vocabularyOf = (policy: Policy): number =>
  policy.kind === "tabular" ? policy.answers : policy.kind === "markov" ? policy.vocabulary : policy.shape.vocabulary

/** Tokens of a policy's sequences, at most. */
export const lengthOf = (policy: Policy): number => (policy.kind === "tabular" ? 1 : policy.length)

/** The token before the first: of a tabular policy nothing depends on it. */
export const startOf = (policy: Policy): number => (policy.kind === "tabular" ? 0 : policy.start)

/** A policy in words: for messages. */
export const shapeOf = (policy: Policy): string =>
  policy.kind === "tabular"
    ? `${policy.contexts} contexts by ${policy.answers} answers`
    : `sequences of ${policy.length} tokens of ${vocabularyOf(policy)} from token ${policy.start}`

export const markovHeader = {
  vocabulary: Schema.Int,
  length: Schema.Int,
  start: Schema.Int,
  tied: Schema.Boolean,
}
export type MarkovHeader = Schema.Struct<typeof markovHeader>["Type"]

export const markovOf = (header: MarkovHeader, parameters: Parameters): MarkovPolicy =>
  makeMarkov({ ...header, logits: parameters["logits"]!.values as Float64Array })

export const markovTensors = (policy: MarkovPolicy) => {
  const { vocabulary, length, start, tied, logits } = policy
  const header = { vocabulary, length, start, tied }
  return [header, { logits: tensorValue("float64", logits, [tied ? 1 : length, vocabulary, vocabulary]) }] as const
}

export const autoregressiveHeader = {
  shape: Schema.Struct({
    vocabulary: Schema.Int,
    context: Schema.Int,
    blocks: Schema.Int,
    width: Schema.Int,
    heads: Schema.Int,
    activation: Schema.Literals(["relu", "tanh", "silu", "gelu"]),
    bias: Schema.Boolean,
    tied: Schema.Boolean,
  }),
  length: Schema.Int,
  start: Schema.Int,
  end: Schema.NullOr(Schema.Int),
}
export type AutoregressiveHeader = Schema.Struct<typeof autoregressiveHeader>["Type"]

export const autoregressiveOf = (header: AutoregressiveHeader, weights: Parameters): AutoregressivePolicy => ({
  kind: "autoregressive",
  contexts: 1,
  shape: header.shape,
  length: header.length,
  start: header.start,
  end: header.end ?? undefined,
  weights,
})

export const autoregressiveTensors = ({ shape, length, start, end, weights }: AutoregressivePolicy) =>
  [{ shape, length, start, end: end ?? null }, weights] as const

/** The port of a policy; `Policy.only("tabular")` where a stage must enumerate. */
export const Policy = objectCodec<Policy>()("sequence/policy", 1, {
  tabular: {
    header: Schema.Struct({}),
    decode: (_: {}, parameters) => {
      const { contexts, answers, values } = matrixOf(parameters, "logits")
      return makeTabular(contexts, answers, values)
    },
    encode: ({ contexts, answers, logits }) => [{}, { logits: tensorValue("float64", logits, [contexts, answers]) }],
  },
  markov: { header: Schema.Struct(markovHeader), decode: markovOf, encode: markovTensors },
  autoregressive: {
    header: Schema.Struct(autoregressiveHeader),
    decode: autoregressiveOf,
    encode: autoregressiveTensors,
  },
})
