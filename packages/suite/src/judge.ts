/** The verdict on a claim, from one number a seed and arm. */
import { source } from "@relent/random"
import type { Test, Verdict } from "./document.ts"
import { type Interval, intervalOf, meanOf } from "./statistics.ts"

export interface Judged {
  readonly verdict: Verdict
  /** Of the difference that is tested, or of the arm. */
  readonly interval: Interval
  readonly seeds: number
  /** In how many seeds the claim holds by its sign or bound: reported, not judged. */
  readonly wins: number
  /** What was judged, one number a seed: the paired differences, or the arm itself. */
  readonly judged: ReadonlyArray<number>
  /** Where the claim wants the interval to lie. */
  readonly wanted: { readonly above?: number; readonly below?: number }
}

/** The numbers of each arm, in the order of the seeds. */
export type Values = { readonly [arm: string]: ReadonlyArray<number> }

export const decide = (yes: boolean, no: boolean): Verdict => (yes ? "reproduced" : no ? "not reproduced" : "undecided")

/** The interval of a mean; of too few to have a spread nothing can be said. */
export const spreadOf = (name: string, values: ReadonlyArray<number>, level?: number): Interval =>
  values.length < 2
    ? { mean: values[0] ?? Number.NaN, low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY }
    : intervalOf(values, source({ seed: 0, stream: name })("bootstrap"), level)

/** What holds in every seed, or doesn't: the spread is that of the seeds. */
const inEvery = (
  judged: ReadonlyArray<number>,
  wanted: Judged["wanted"],
  holds: (value: number) => boolean,
): Judged => {
  const [seeds, wins] = [judged.length, judged.filter(holds).length]
  const interval = { mean: meanOf(judged), low: Math.min(...judged), high: Math.max(...judged) }
  return { verdict: decide(wins === seeds, wins < seeds), interval, seeds, wins, judged, wanted }
}

/** Whether the interval of the mean lies where it is wanted, or wholly elsewhere. */
const byInterval = (name: string, judged: ReadonlyArray<number>, wanted: Judged["wanted"]): Judged => {
  const { above = Number.NEGATIVE_INFINITY, below = Number.POSITIVE_INFINITY } = wanted
  const interval = spreadOf(name, judged)
  const { low, high } = interval
  const verdict = decide(low > above && high < below, low > below || high < above)
  return { verdict, interval, seeds: judged.length, wins: judged.filter((d) => d > 0).length, judged, wanted }
}

/** Judges the test of a claim. A difference is paired by seed. */
export const judge = (name: string, test: Exclude<Test, { readonly trajectory: unknown }>, values: Values): Judged => {
  const of = (arm: string, times = 1) => values[arm]!.map((v) => times * v)
  const difference = (more: ReadonlyArray<number>, less: ReadonlyArray<number>) => more.map((v, i) => v - less[i]!)
  const between = ([first, second]: readonly [string, string]) => difference(of(first), of(second))
  if ("every" in test) {
    const { every, ...bounds } = test
    const { above = Number.NEGATIVE_INFINITY, below = Number.POSITIVE_INFINITY } = bounds
    return inEvery(values[every]!, bounds, (v) => v > above && v < below)
  }
  if ("equal" in test) return inEvery(between(test.equal), { above: 0, below: 0 }, (d) => d === 0)
  if ("equivalent" in test)
    return byInterval(name, between(test.equivalent), { above: -test.margin, below: test.margin })
  if ("noWorse" in test) return byInterval(name, between(test.noWorse), { above: -test.margin })
  const above = test.margin ?? 0
  if ("greater" in test) {
    const [first, second] = test.greater
    return byInterval(name, difference(of(first), of(second, test.times)), { above })
  }
  if ("less" in test) {
    const [first, second] = test.less
    return byInterval(name, difference(of(second, test.times), of(first)), { above })
  }
  const { ascending } = test
  const steps = ascending.slice(1).map((arm, i) => byInterval(name, between([arm, ascending[i]!]), { above }))
  const verdicts = steps.map(({ verdict }) => verdict)
  const rises = (seed: number) => steps.every(({ judged }) => judged[seed]! > 0)
  // The order is as sure as its smallest step.
  const smallest = steps.toSorted((a, b) => a.interval.mean - b.interval.mean)[0]!
  return {
    ...smallest,
    verdict: decide(
      verdicts.every((v) => v === "reproduced"),
      verdicts.includes("not reproduced"),
    ),
    wins: smallest.judged.filter((_, seed) => rises(seed)).length,
  }
}
