/** Targets: distributions known up to a constant, which a policy is to come near. What states one, and what approximates it, are different stages. */
import { objectCodec, tensorValue } from "@relent/arrow"
import { logSumExp } from "@relent/divergence"
import { Schema } from "effect"
import { checkLogWeights, matrixOf, rowOf } from "./matrix.ts"
import { makeTabular, type TabularPolicy } from "./policy.ts"

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

/** A further kind (scores without a constant) is a member here, and a line in the codec below. */
export type Target = TabularTarget

/** A target from its log-scores `[contexts, answers]`, which aren't copied. Throws `NotADistribution`, also where Z is 0. */
export const makeTarget = (contexts: number, answers: number, logScore: Float64Array): TabularTarget => {
  checkLogWeights("target", { contexts, answers, values: logScore })
  const logZ = Float64Array.from({ length: contexts }, (_, c) => logSumExp(rowOf(logScore, answers, c)))
  return { kind: "tabular", contexts, answers, logScore, logZ, exact: true }
}

/** `w / Z`, as a policy. */
export const policyOf = ({ contexts, answers, logScore }: TabularTarget): TabularPolicy =>
  makeTabular(contexts, answers, logScore)

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
})
