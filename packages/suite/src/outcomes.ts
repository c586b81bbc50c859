/** The outcomes of a suite, from a run of its pipeline. */
import type { Manifest } from "@relent/runtime"
import { Effect } from "effect"
import type { Claim, SuiteDocument } from "./document.ts"
import { judge } from "./judge.ts"
import { testOf } from "./read.ts"
import { judgeTrajectory } from "./trajectory.ts"
import { rowsOf, valueOf } from "./values.ts"
import type { Outcome } from "./verdict.ts"

/** `quick`: fewer seeds and smaller parameters, without the claims that need the full run. */
export type Size = "quick" | "full"

export const seedsOf = (suite: SuiteDocument, size: Size): SuiteDocument["seeds"] =>
  (size === "quick" ? suite.quick?.seeds : undefined) ?? suite.seeds

const judgeClaim = (suite: SuiteDocument, manifest: Manifest, name: string, claim: Claim, size: Size) =>
  Effect.gen(function* () {
    const { test, metric } = claim
    const given = <A, E, R>(read: (arm: string, seed: number) => Effect.Effect<A, E, R>) =>
      Effect.map(
        Effect.forEach(testOf(test).arms, (arm) =>
          Effect.map(
            Effect.forEach(seedsOf(suite, size), (seed) => read(arm, seed)),
            (found) => [arm, found] as const,
          ),
        ),
        Object.fromEntries<ReadonlyArray<A>>,
      )
    return "trajectory" in test
      ? judgeTrajectory(name, test, yield* given((arm, seed) => rowsOf(suite, manifest, arm, metric, seed)))
      : judge(name, test, yield* given((arm, seed) => valueOf(suite, manifest, arm, metric, seed)))
  })

/** Judges the claims of a suite from the run of its pipeline, whose tables lie in the store. */
export const outcomesOf = (suite: SuiteDocument, manifest: Manifest, size: Size) =>
  Effect.forEach(
    Object.entries(suite.claims).filter(([, claim]) => size === "full" || claim.quick !== false),
    ([name, claim]) =>
      Effect.map(judgeClaim(suite, manifest, `${suite.suite}/${name}`, claim, size), (judged): Outcome => ({
        ...judged,
        suite: suite.suite,
        claim: name,
        statement: claim.statement,
        source: claim.source ?? suite.source,
        metric: claim.metric,
        test: testOf(claim.test).kind,
        expected: claim.expected,
        recorded: claim.recorded?.[size],
      })),
  )
