/** A user's numbers that don't fit, as errors of the stage. */
import { NotADistribution } from "@relent/divergence"
import {
  lengthOf,
  type Policy,
  shapeOf,
  startOf,
  type TabularPolicy,
  type Target,
  vocabularyOf,
} from "@relent/sequence"
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

/** Refuses two policies that don't give the same sequences. Over sequences they may be of two kinds. */
export const sameSpace = (what: string, a: Policy, other: string, b: Policy): Effect.Effect<void, StageError> => {
  if (a.kind === "tabular" && b.kind === "tabular") return sameShape(what, a, other, b)
  const isSame =
    (a.kind === "tabular") === (b.kind === "tabular") &&
    vocabularyOf(a) === vocabularyOf(b) &&
    lengthOf(a) === lengthOf(b) &&
    startOf(a) === startOf(b)
  return isSame
    ? Effect.void
    : Effect.fail(
        new StageError({
          message: `the ${what} gives ${shapeOf(a)}, the ${other} ${shapeOf(b)}`,
          hint: "both give the same sequences",
        }),
      )
}

/** Refuses a policy that doesn't give the sequences of a target. */
export const ofTarget = (what: string, policy: Policy, target: Target): Effect.Effect<void, StageError> => {
  if (policy.kind === "tabular" && target.kind === "tabular") return sameShape(what, policy, "target", target)
  if (target.kind !== "tabular")
    return sameSpace(what, policy, "target", target.kind === "markov" ? target.chain.prior : target.prior)
  return Effect.fail(
    new StageError({
      message: `the ${what} gives ${shapeOf(policy)}, the target ${target.contexts} contexts by ${target.answers} answers`,
      hint: "both are over the same answers",
    }),
  )
}
