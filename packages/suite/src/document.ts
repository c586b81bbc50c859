/** A suite: a pipeline, its arms, and what a paper claims of them. */
import { DocumentName } from "@relent/stage"
import { Schema } from "effect"

export const Verdict = Schema.Literals(["reproduced", "not reproduced", "undecided"])
export type Verdict = typeof Verdict.Type

const Pair = Schema.Tuple([Schema.String, Schema.String])
const margin = Schema.optionalKey(Schema.Finite)
const above0 = Schema.Finite.check(Schema.isGreaterThan(0))
const times = Schema.optionalKey(
  above0.annotate({ description: "what the second is multiplied by: 0.1 is a tenth of it" }),
)

/** What is tested; the metric is one number a seed. */
const Test = Schema.Union([
  Schema.Struct({ greater: Pair, times, margin }).annotate({
    description: "first - times second > margin: the interval of the paired difference lies above it",
  }),
  Schema.Struct({ less: Pair, times, margin }).annotate({ description: "times second - first > margin" }),
  Schema.Struct({ noWorse: Pair, margin: above0 }).annotate({
    description: "first - second > -margin: the first may be behind by less than the margin (non-inferiority)",
  }),
  Schema.Struct({ equivalent: Pair, margin: above0 }).annotate({
    description: "the interval of the difference lies within -margin ... margin",
  }),
  Schema.Struct({ equal: Pair }).annotate({ description: "the same number in every seed, to the last bit" }),
  Schema.Struct({ ascending: Schema.Array(Schema.String).check(Schema.isMinLength(2)), margin }).annotate({
    description: "each arm is greater than the one before it, by more than the margin",
  }),
  Schema.Struct({ trajectory: Pair, within: above0 }).annotate({
    description:
      "row by row the arms are one curve: no residual beyond `within` of the curve's largest value, and none on average (99.9 %)",
  }),
  Schema.Struct({
    every: Schema.String,
    above: Schema.optionalKey(Schema.Finite),
    below: Schema.optionalKey(Schema.Finite),
  }).annotate({
    description: "every seed of the arm lies between the bounds",
  }),
])
export type Test = typeof Test.Type

export const testKinds = [
  "greater",
  "less",
  "noWorse",
  "equivalent",
  "equal",
  "ascending",
  "trajectory",
  "every",
] as const
export type TestKind = (typeof testKinds)[number]

const Arm = Schema.Struct({
  table: Schema.String.annotate({ description: "step.output, as in the pipeline" }),
  where: Schema.optionalKey(Schema.Record(Schema.String, Schema.Union([Schema.String, Schema.Finite]))),
  reduce: Schema.optionalKey(
    Schema.Literals(["mean", "max", "min"]).annotate({
      description: "of rows, where several are meant; else the mean",
    }),
  ),
})
export type Arm = typeof Arm.Type

const Claim = Schema.Struct({
  statement: Schema.String,
  source: Schema.optionalKey(
    Schema.String.annotate({ description: "where the paper says so; else the suite's source" }),
  ),
  metric: Schema.String.annotate({ description: "a column of the arms' tables" }),
  test: Test,
  quick: Schema.optionalKey(Schema.Boolean.annotate({ description: "false: judged in the full run only" })),
  expected: Schema.optionalKey(
    Schema.Struct({ verdict: Verdict, why: Schema.String }).annotate({
      description: "what is known of the claim beforehand, where it isn't that it holds",
    }),
  ),
  recorded: Schema.optionalKey(
    Schema.Struct({ quick: Schema.optionalKey(Verdict), full: Schema.optionalKey(Verdict) }).annotate({
      description: "the verdicts of the last accepted runs",
    }),
  ),
})
export type Claim = typeof Claim.Type

const Overrides = Schema.Record(Schema.String, Schema.Unknown)

export const SuiteDocument = Schema.Struct({
  suite: DocumentName,
  source: Schema.String.annotate({ description: "key in references.bib" }),
  pipeline: Schema.String.annotate({ description: "path of the pipeline, from here" }),
  seeds: Schema.NonEmptyArray(Schema.Int).annotate({ description: "one run each; other than those of the pilots" }),
  quick: Schema.optionalKey(
    Schema.Struct({
      seeds: Schema.optionalKey(Schema.NonEmptyArray(Schema.Int)),
      set: Schema.optionalKey(Overrides),
    }).annotate({
      description: "what --quick changes: fewer seeds, smaller parameters (STAGE.PARAM: value)",
    }),
  ),
  arms: Schema.Record(Schema.String, Arm),
  claims: Schema.Record(Schema.String, Claim),
}).annotate({ title: "relent suite" })
export type SuiteDocument = typeof SuiteDocument.Type
