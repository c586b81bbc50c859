/** A suite: a pipeline, its arms, and what a paper claims of them. */
import { Schema } from "effect"

export const Verdict = Schema.Literals(["reproduced", "not reproduced", "undecided"])
export type Verdict = typeof Verdict.Type

const Pair = Schema.Tuple([Schema.String, Schema.String])
const margin = Schema.optionalKey(Schema.Finite)

/** What is tested; the metric is one number a seed. */
const Test = Schema.Union([
  Schema.Struct({ greater: Pair, margin }).annotate({
    description: "first - second > margin: the interval of the paired difference lies above it",
  }),
  Schema.Struct({ less: Pair, margin }).annotate({ description: "second - first > margin" }),
  Schema.Struct({ equivalent: Pair, margin: Schema.Finite.check(Schema.isGreaterThan(0)) }).annotate({
    description: "the interval of the difference lies within -margin ... margin",
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
  recorded: Schema.optionalKey(
    Schema.Struct({ quick: Schema.optionalKey(Verdict), full: Schema.optionalKey(Verdict) }).annotate({
      description: "the verdicts of the last accepted runs",
    }),
  ),
})
export type Claim = typeof Claim.Type

const Overrides = Schema.Record(Schema.String, Schema.Unknown)

export const SuiteDocument = Schema.Struct({
  suite: Schema.String,
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
