/** The card of a claim: its verdict, and where the interval lies. */
import { armsOf, hasChanged, type Outcome } from "@relent/suite"
import { counted, digits } from "./spell.ts"

/** Positions on a line from 0 to 1; what lies outside ends there. */
export interface Strip {
  readonly low: number
  readonly high: number
  readonly mean: number
  /** Where the claim wants the interval to be. */
  readonly wanted: readonly [number, number]
  readonly zero: number | undefined
  /** One a seed. */
  readonly dots: ReadonlyArray<number>
  /** What the ends of the line are. */
  readonly ends: readonly [string, string]
}

export interface Card {
  readonly claim: string
  readonly statement: string
  readonly source: string
  readonly verdict: Outcome["verdict"]
  readonly record: string
  readonly changed: boolean
  /** What was known beforehand, where it isn't that the claim holds. */
  readonly expected: string | undefined
  /** What is tested, in words: `accuracy of kd less that of cross-entropy, wanted above 0`. */
  readonly test: string
  /** The interval in words. */
  readonly interval: string
  readonly seeds: string
  readonly strip: Strip | undefined
}

const span = ({ above, below }: Outcome["wanted"]): string =>
  above !== undefined && below !== undefined
    ? `wanted between ${digits(above)} and ${digits(below)}`
    : above !== undefined
      ? `wanted above ${digits(above)}`
      : below !== undefined
        ? `wanted below ${digits(below)}`
        : ""

const testOf = ({ test, metric, wanted }: Outcome): string => {
  if ("every" in test) return `${metric} of ${test.every}, every seed ${span(wanted)}`
  if ("equal" in test) return `${metric} of ${test.equal.join(" and ")}, the same in every seed`
  if ("ascending" in test)
    return `${metric} rises: ${test.ascending.join(" < ")}; the smallest of these steps, ${span(wanted)}`
  const arms = armsOf(test)
  const [first = "", second = ""] = "less" in test ? arms.toReversed() : arms
  const times = "times" in test && test.times !== undefined ? `${digits(test.times)} times ` : ""
  const mean = "trajectory" in test ? `, on average over its rows as a share of the largest` : ""
  if ("less" in test) return `${times}${metric} of ${first} less that of ${second}, ${span(wanted)}`
  return `${metric} of ${first} less ${times}that of ${second}${mean}, ${span(wanted)}`
}

/** What the interval is. */
const levelOf = (test: Outcome["test"]): string =>
  "every" in test || "equal" in test ? "mean [least, largest]" : `mean [${"trajectory" in test ? "99.9" : "95"} %]`

const isNumber = (value: number | undefined): value is number => Number.isFinite(value)

/** Where everything lies on a line that holds it all; undefined where nothing is finite. */
export const stripOf = ({ interval, judged, wanted }: Outcome): Strip | undefined => {
  const { mean, low, high } = interval
  const own = [low, high, mean, ...judged].filter(isNumber)
  if (own.length === 0) return undefined
  // Zero, and the marks, belong on the line unless what was found would shrink to a dot.
  const reach = Math.max(...own) - Math.min(...own)
  const marks = [0, wanted.above, wanted.below]
    .filter(isNumber)
    .filter((mark) => reach === 0 || own.some((value) => Math.abs(value - mark) < 8 * reach))
  const all = [...own, ...marks]
  const [least, largest] = [Math.min(...all), Math.max(...all)]
  const pad = largest > least ? (largest - least) * 0.06 : Math.abs(largest) * 0.06 || 1
  const [from, to] = [least - pad, largest + pad]
  const at = (value: number) => Math.max(0, Math.min(1, (value - from) / (to - from)))
  const zero = from <= 0 && to >= 0 ? at(0) : undefined
  return {
    low: at(low),
    high: at(high),
    mean: at(mean),
    wanted: [at(wanted.above ?? -Infinity), at(wanted.below ?? Infinity)],
    zero,
    dots: judged.filter(isNumber).map(at),
    ends: [digits(from, 3), digits(to, 3)],
  }
}

export const cardOf = (outcome: Outcome): Card => {
  const { claim, statement, source, verdict, recorded, interval, wins, seeds, test, expected } = outcome
  const { mean, low, high } = interval
  return {
    claim,
    statement,
    source,
    verdict,
    record: recorded === undefined ? "not recorded yet" : hasChanged(outcome) ? `recorded: ${recorded}` : "as recorded",
    changed: hasChanged(outcome),
    expected: expected && `expected ${expected.verdict}: ${expected.why}`,
    test: testOf(outcome),
    interval: `${digits(mean)} [${digits(low)}, ${digits(high)}], ${levelOf(test)}`,
    seeds: `${wins} of ${counted(seeds, "seed")} as claimed`,
    strip: stripOf(outcome),
  }
}
