/** The outcome of a suite: a row a claim. */
import type { Claim, Test, Verdict } from "./document.ts"
import type { Judged, Values } from "./judge.ts"

export interface Outcome extends Judged {
  readonly suite: string
  readonly claim: string
  readonly statement: string
  readonly source: string
  readonly metric: string
  readonly test: Test
  /** The metric of the arms that are compared, in the order of the seeds. */
  readonly values: Values
  /** What is known of the claim beforehand, where it isn't that it holds. */
  readonly expected?: Claim["expected"]
  /** The verdict of the last accepted run, if there is one. */
  readonly recorded: Verdict | undefined
}

/** A verdict that isn't the recorded one is what fails a check, whatever it is. */
export const hasChanged = ({ verdict, recorded }: Outcome): boolean => verdict !== recorded

const byInterval = ({ test }: Outcome) => !("every" in test || "equal" in test)

/** What to bear in mind where many claims are tested at once: by chance alone one in twenty intervals misses the truth. */
export const manyTests = (outcomes: ReadonlyArray<Outcome>): string | undefined => {
  const intervals = outcomes.filter(byInterval).length
  return intervals < 20
    ? undefined
    : `${intervals} verdicts rest on intervals of 95 %: by chance about ${Math.round(intervals / 20)} of them miss the truth`
}

const escape = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;")

/** JUnit XML: a test case a claim, which fails when its verdict changed. */
export const junit = (outcomes: ReadonlyArray<Outcome>): string => {
  const cases = outcomes.map((o) => {
    const name = `<testcase classname="${escape(o.suite)}" name="${escape(o.claim)}">`
    const text = `${o.verdict}, recorded ${o.recorded ?? "nothing"}: ${o.interval.mean} [${o.interval.low}, ${o.interval.high}]`
    return `${name}${hasChanged(o) ? `<failure message="${escape(text)}"/>` : ""}<system-out>${escape(text)}</system-out></testcase>`
  })
  const failures = outcomes.filter(hasChanged).length
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuite name="relent" tests="${outcomes.length}" failures="${failures}">\n${cases.join("\n")}\n</testsuite>\n`
}
