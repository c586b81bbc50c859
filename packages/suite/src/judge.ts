/** The verdict on a claim, from one number a seed and arm. */
import { source } from "@relent/random"
import type { Claim, Verdict } from "./document.ts"
import { type Interval, intervalOf } from "./statistics.ts"

export interface Judged {
  readonly verdict: Verdict
  /** Of the difference that is tested, or of the arm. */
  readonly interval: Interval
  readonly seeds: number
  /** In how many seeds the difference has the claimed sign: reported, not judged. */
  readonly wins: number
}

/** The numbers of each arm, in the order of the seeds. */
export type Values = { readonly [arm: string]: ReadonlyArray<number> }

const decide = (yes: boolean, no: boolean): Verdict => (yes ? "reproduced" : no ? "not reproduced" : "undecided")

const between = (
  claim: string,
  differences: ReadonlyArray<number>,
  bounds: (interval: Interval) => Verdict,
): Judged => {
  // Too few to have a spread: nothing can be said.
  const [only = Number.NaN] = differences
  const interval =
    differences.length < 2
      ? { mean: only, low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY }
      : intervalOf(differences, source({ seed: 0, stream: claim })("bootstrap"))
  const wins = differences.filter((d) => d > 0).length
  return { verdict: bounds(interval), interval, seeds: differences.length, wins }
}

/** Judges a claim. A difference is paired by seed. */
export const judge = (name: string, { test }: Claim, values: Values): Judged => {
  if ("every" in test) {
    const all = values[test.every]!
    const { above = Number.NEGATIVE_INFINITY, below = Number.POSITIVE_INFINITY } = test
    const within = all.filter((v) => v > above && v < below).length
    const mean = all.reduce((a, b) => a + b, 0) / all.length
    return {
      verdict: decide(within === all.length, within < all.length),
      interval: { mean, low: Math.min(...all), high: Math.max(...all) },
      seeds: all.length,
      wins: within,
    }
  }
  if ("equivalent" in test) {
    const [a, b] = test.equivalent
    const differences = values[a]!.map((v, i) => v - values[b]![i]!)
    const { margin } = test
    return between(name, differences, ({ low, high }) =>
      decide(low > -margin && high < margin, low > margin || high < -margin),
    )
  }
  const [more, less] = "greater" in test ? test.greater : test.less.toReversed()
  const differences = values[more]!.map((v, i) => v - values[less]![i]!)
  const { margin = 0 } = test
  return between(name, differences, ({ low, high }) => decide(low > margin, high < margin))
}
