/** The verdict on a claim, from one number a seed and arm. */
import { source } from "@relent/random"
import type { Test, Verdict } from "./document.ts"
import { type Interval, intervalOf } from "./statistics.ts"

export interface Judged {
  readonly verdict: Verdict
  /** Of the difference that is tested, or of the arm. */
  readonly interval: Interval
  readonly seeds: number
  /** In how many seeds the claim holds by its sign or bound: reported, not judged. */
  readonly wins: number
}

/** The numbers of each arm, in the order of the seeds. */
export type Values = { readonly [arm: string]: ReadonlyArray<number> }

export const decide = (yes: boolean, no: boolean): Verdict => (yes ? "reproduced" : no ? "not reproduced" : "undecided")

export const meanOf = (values: ReadonlyArray<number>): number => values.reduce((a, b) => a + b, 0) / values.length

/** The interval of a mean; of too few to have a spread nothing can be said. */
export const spreadOf = (name: string, values: ReadonlyArray<number>, level?: number): Interval =>
  values.length < 2
    ? { mean: values[0] ?? Number.NaN, low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY }
    : intervalOf(values, source({ seed: 0, stream: name })("bootstrap"), level)

/** What holds in every seed, or doesn't: the spread is that of the seeds. */
const inEvery = (all: ReadonlyArray<number>, holds: (value: number) => boolean): Judged => {
  const wins = all.filter(holds).length
  const interval = { mean: meanOf(all), low: Math.min(...all), high: Math.max(...all) }
  return { verdict: decide(wins === all.length, wins < all.length), interval, seeds: all.length, wins }
}

/** Judges the test of a claim. A difference is paired by seed. */
export const judge = (name: string, test: Exclude<Test, { readonly trajectory: unknown }>, values: Values): Judged => {
  const difference = (more: string, less: string) => values[more]!.map((v, i) => v - values[less]![i]!)
  const between = (differences: ReadonlyArray<number>, verdict: (interval: Interval) => Verdict): Judged => {
    const interval = spreadOf(name, differences)
    const wins = differences.filter((d) => d > 0).length
    return { verdict: verdict(interval), interval, seeds: differences.length, wins }
  }
  const beyond = (more: string, less: string, margin: number) =>
    between(difference(more, less), ({ low, high }) => decide(low > margin, high < margin))

  if ("every" in test) {
    const { above = Number.NEGATIVE_INFINITY, below = Number.POSITIVE_INFINITY } = test
    return inEvery(values[test.every]!, (v) => v > above && v < below)
  }
  if ("equal" in test) return inEvery(difference(...test.equal), (d) => d === 0)
  if ("equivalent" in test) {
    const { margin } = test
    return between(difference(...test.equivalent), ({ low, high }) =>
      decide(low > -margin && high < margin, low > margin || high < -margin),
    )
  }
  if ("noWorse" in test) return beyond(...test.noWorse, -test.margin)
  if ("greater" in test) return beyond(...test.greater, test.margin ?? 0)
  if ("less" in test) return beyond(test.less[1], test.less[0], test.margin ?? 0)
  const { ascending, margin = 0 } = test
  const steps = ascending.slice(1).map((arm, i) => beyond(arm, ascending[i]!, margin))
  const verdicts = steps.map(({ verdict }) => verdict)
  const rises = (i: number) => ascending.slice(1).every((arm, k) => values[arm]![i]! > values[ascending[k]!]![i]!)
  return {
    verdict: decide(
      verdicts.every((v) => v === "reproduced"),
      verdicts.includes("not reproduced"),
    ),
    // Of the smallest step: the order is as sure as that.
    interval: steps.map(({ interval }) => interval).toSorted((a, b) => a.mean - b.mean)[0]!,
    seeds: steps[0]!.seeds,
    wins: values[ascending[0]!]!.filter((_, i) => rises(i)).length,
  }
}
