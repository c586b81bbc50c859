/** The verdicts on the claims of a suite, from a run of its pipeline. */
import { type Manifest, Store, type StoreError } from "@relent/runtime"
import { Effect } from "effect"
import type { SuiteDocument } from "./document.ts"
import { judge } from "./judge.ts"
import { armsOf } from "./read.ts"
import { judgeTrajectory } from "./trajectory.ts"
import { reduced, rowsOf, type SuiteInvalid } from "./values.ts"
import type { Outcome } from "./verdict.ts"

/** A quick run has fewer seeds and smaller parameters, where the suite says so; its verdicts are recorded apart. */
export type Size = "quick" | "full"

/** The seeds of a run of this size. */
export const seedsOf = (suite: SuiteDocument, size: Size): SuiteDocument["seeds"] =>
  (size === "quick" ? suite.quick?.seeds : undefined) ?? suite.seeds

/** Judges the claims of this size on a run of the suite's pipeline. */
export const judgeRun = (
  suite: SuiteDocument,
  manifest: Manifest,
  size: Size,
): Effect.Effect<ReadonlyArray<Outcome>, SuiteInvalid | StoreError, Store> => {
  const claims = Object.entries(suite.claims).filter(([, { quick }]) => size === "full" || quick !== false)
  const judgeClaim = ([name, claim]: (typeof claims)[number]) =>
    Effect.gen(function* () {
      const { statement, source = suite.source, metric, test, expected } = claim
      const id = `${suite.suite}/${name}`
      const values: Record<string, ReadonlyArray<number>> = {}
      const curves: Record<string, ReadonlyArray<ReadonlyArray<number>>> = {}
      for (const arm of armsOf(test)) {
        curves[arm] = yield* Effect.forEach(seedsOf(suite, size), (seed) => rowsOf(suite, manifest, arm, metric, seed))
        values[arm] = curves[arm].map((rows) => reduced(suite.arms[arm]!, rows))
      }
      const judged = "trajectory" in test ? judgeTrajectory(id, test, curves) : judge(id, test, values)
      const recorded = claim.recorded?.[size]
      return {
        ...judged,
        suite: suite.suite,
        claim: name,
        statement,
        source,
        metric,
        test,
        values,
        ...(expected && { expected }),
        recorded,
      }
    })
  return Effect.forEach(claims, judgeClaim)
}
