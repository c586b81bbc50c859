/** Policies: a tagged union of kinds behind one port; a stage says which kinds it can work with. */
import { objectCodec, tensorValue } from "@relent/arrow"
import { Schema } from "effect"
import { checkLogWeights, matrixOf } from "./matrix.ts"

/** A distribution over the same few answers for each context: everything about it can be enumerated. */
export interface TabularPolicy {
  readonly kind: "tabular"
  readonly contexts: number
  readonly answers: number
  /** `[contexts, answers]`, row-major; -infinity for an answer that is never given. `pi(a | c)` is their softmax. */
  readonly logits: Float64Array
}

/** A further kind is a member here, and a line in the codec below. */
export type Policy = TabularPolicy

/** A tabular policy from logits `[contexts, answers]`, which aren't copied. Throws `NotADistribution`. */
export const makeTabular = (contexts: number, answers: number, logits: Float64Array): TabularPolicy => {
  checkLogWeights("policy", { contexts, answers, values: logits })
  return { kind: "tabular", contexts, answers, logits }
}

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
})
