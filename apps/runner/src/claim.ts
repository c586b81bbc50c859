/** The line of a judged claim with `--json`. */
import { hasChanged, type Outcome, Verdict } from "@relent/suite"
import { Schema } from "effect"

/** JSON has no infinity: an open end of an interval is null. */
const Bound = Schema.NullOr(Schema.Finite)

export const ClaimJudged = Schema.TaggedStruct("ClaimJudged", {
  suite: Schema.String,
  claim: Schema.String,
  statement: Schema.String,
  source: Schema.String,
  metric: Schema.String,
  verdict: Verdict,
  expected: Schema.optionalKey(
    Schema.Struct({ verdict: Verdict, why: Schema.String }).annotate({ description: "what is known beforehand" }),
  ),
  recorded: Schema.optionalKey(Verdict.annotate({ description: "of the last accepted run" })),
  changed: Schema.Boolean,
  interval: Schema.Struct({ mean: Bound, low: Bound, high: Bound }).annotate({
    description: "of the difference, 95 %",
  }),
  seeds: Schema.Int,
  judged: Schema.Array(Bound).annotate({ description: "what the interval is of: a difference a seed, or the arm" }),
  wins: Schema.Int.annotate({ description: "seeds whose difference has the claimed sign" }),
})

const bound = (value: number) => (Number.isFinite(value) ? value : null)

export const claimJudged = (outcome: Outcome): typeof ClaimJudged.Type => {
  const { suite, claim, statement, source, metric, verdict, expected, recorded, interval, seeds, wins, judged } =
    outcome
  return {
    _tag: "ClaimJudged",
    suite,
    claim,
    statement,
    source,
    metric,
    verdict,
    ...(expected !== undefined && { expected }),
    ...(recorded !== undefined && { recorded }),
    changed: hasChanged(outcome),
    interval: { mean: bound(interval.mean), low: bound(interval.low), high: bound(interval.high) },
    seeds,
    judged: judged.map(bound),
    wins,
  }
}
