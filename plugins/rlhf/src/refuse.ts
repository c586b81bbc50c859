/** A user's numbers that don't fit, as errors of the stage. */
import { NotADistribution } from "@relent/divergence"
import type { TabularPolicy } from "@relent/sequence"
import { StageError } from "@relent/stage"
import { Effect } from "effect"

/** What is made of numbers that may be no distribution; any other exception is a bug. */
export const distribution = <A>(make: () => A, hint: string): Effect.Effect<A, StageError> =>
  Effect.suspend(() => {
    try {
      return Effect.succeed(make())
    } catch (error) {
      if (error instanceof NotADistribution) return Effect.fail(new StageError({ message: error.message, hint }))
      throw error
    }
  })

type Shape = Pick<TabularPolicy, "contexts" | "answers">

/** Refuses two things that aren't over the same contexts and answers. */
export const sameShape = (what: string, a: Shape, other: string, b: Shape): Effect.Effect<void, StageError> =>
  a.contexts === b.contexts && a.answers === b.answers
    ? Effect.void
    : Effect.fail(
        new StageError({
          message: `the ${what} has ${a.contexts} contexts by ${a.answers} answers, the ${other} ${b.contexts} by ${b.answers}`,
          hint: "both are over the same contexts and answers",
        }),
      )
