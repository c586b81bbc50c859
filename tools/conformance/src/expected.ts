/** What is known to fail on a backend, and why; and how a run compares with it. */
import { parse } from "yaml"
import type { Outcome } from "./report.ts"

/** Tests that fail for one reason. */
export interface Group {
  readonly why: string
  readonly tests: ReadonlyArray<string>
}

export interface Verdict {
  readonly passed: number
  readonly failed: number
  /** Failures that no group lists. */
  readonly unlisted: ReadonlyArray<Outcome>
  /** Listed tests that passed: their line must go. */
  readonly repaired: ReadonlyArray<string>
  /** Listed tests that the library doesn't have, or that are listed twice. */
  readonly mistaken: ReadonlyArray<string>
}

/** `- why: REASON, tests: [NAME, ...]`, as often as there are reasons. */
export const readGroups = (text: string): ReadonlyArray<Group> => (parse(text) ?? []) as ReadonlyArray<Group>

/** Some tests share a name: it fails when one of them does. */
export const judge = (outcomes: ReadonlyArray<Outcome>, groups: ReadonlyArray<Group>): Verdict => {
  const listed = groups.flatMap(({ tests }) => tests)
  const expected = new Set(listed)
  const failures = outcomes.filter(({ passed }) => !passed)
  const [known, failing] = [outcomes, failures].map((some) => new Set(some.map(({ test }) => test))) as [
    Set<string>,
    Set<string>,
  ]
  return {
    passed: outcomes.length - failures.length,
    failed: failures.length,
    unlisted: failures.filter(({ test }) => !expected.has(test)),
    repaired: listed.filter((test) => known.has(test) && !failing.has(test)),
    mistaken: listed.filter((test, i) => !known.has(test) || listed.indexOf(test) !== i),
  }
}

/** Nothing new fails, and nothing listed passes. */
export const agrees = ({ unlisted, repaired, mistaken }: Verdict): boolean =>
  unlisted.length + repaired.length + mistaken.length === 0
