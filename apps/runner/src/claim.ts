/** The line of a judged claim with `--json`. */
import { type Outcome, testKinds, Verdict } from "@relent/suite"
import { Schema } from "effect"

/** JSON has no infinity: an open end of an interval is null. */
const Bound = Schema.NullOr(Schema.Finite)

export const ClaimJudged = Schema.TaggedStruct("ClaimJudged", {
  suite: Schema.String,
  claim: Schema.String,
  statement: Schema.String,
  source: Schema.String,
  metric: Schema.String,
  test: Schema.Literals(testKinds),
  expected: Schema.optionalKey(
    Schema.Struct({ verdict: Verdict, why: Schema.String }).annotate({ description: "what is known beforehand" }),
  ),
  verdict: Verdict,
  recorded: Schema.optionalKey(Verdict.annotate({ description: "of the last accepted run" })),
  changed: Schema.Boolean,
  interval: Schema.Struct({ mean: Bound, low: Bound, high: Bound }).annotate({
    description: "of the difference, 95 %",
  }),
  seeds: Schema.Int,
  wins: Schema.Int.annotate({ description: "seeds whose difference has the claimed sign" }),
})

const bound = (value: number) => (Number.isFinite(value) ? value : null)

export const claimJudged = ({ interval, recorded, expected, ...outcome }: Outcome): typeof ClaimJudged.Type => ({
  _tag: "ClaimJudged",
  ...outcome,
  ...(expected !== undefined && { expected }),
  ...(recorded !== undefined && { recorded }),
  changed: recorded !== outcome.verdict,
  interval: { mean: bound(interval.mean), low: bound(interval.low), high: bound(interval.high) },
})
