/** A policy over strings that a text teaches. */
import { Column } from "@relent/arrow"
import { Count, NonNegative, orElse } from "@relent/named"
import { letters, Markov, Policy, TokenUnknown } from "@relent/sequence"
import { Port, Stage, StageError } from "@relent/stage"
import { Effect, Schema } from "effect"
import { distribution } from "./refuse.ts"

/** Ids of the texts joined by a space. */
export const tokensOf = (texts: ReadonlyArray<string>): Effect.Effect<Int32Array, StageError> =>
  Effect.suspend(() => {
    try {
      return Effect.succeed(letters.encode(texts.join(" ")))
    } catch (error) {
      if (!(error instanceof TokenUnknown)) throw error
      return Effect.fail(new StageError({ message: error.message, hint: "take texts of letters and single spaces" }))
    }
  })

/**
 * Counts of adjacent letters, `smoothing` more in every cell, rows normalised: the bigram table of a text, as a policy over strings of
 * one length after a space.
 *
 * @reference korbak2022rl
 */
export const markovPrior = Stage.make("rlhf/markov-prior", {
  module: import.meta.url,
  title: "A Markov policy over letters, from a text",
  parameters: {
    length: orElse(Count.annotate({ description: "letters of a string" }), 8),
    smoothing: orElse(NonNegative.annotate({ description: "added to each count" }), 0.5),
    tied: orElse(
      Schema.Boolean.annotate({ description: "one table for all places, or a copy for each, which can learn more" }),
      true,
    ),
  },
  inputs: { text: Port.any({ text: Column.utf8 }) },
  outputs: { policy: Policy },
  *run({ parameters: { length, smoothing, tied }, inputs: { text } }) {
    const ids = yield* tokensOf([...text.rows].map((row) => row.text))
    const V = letters.vocabulary
    const counts = new Float64Array(V ** 2).fill(smoothing)
    for (let i = 1; i < ids.length; i++) counts[ids[i - 1]! * V + ids[i]!]! += 1
    const policy = yield* distribution(
      () => Markov.makeMarkov({ vocabulary: V, length, start: 0, tied: true, logits: counts.map(Math.log) }),
      "give a longer text, or a smoothing above 0",
    )
    return { policy: tied ? policy : Markov.untied(policy) }
  },
})
