import { expect, it } from "vitest"
import { agrees, judge, readGroups } from "../src/expected.ts"

const outcome = (test: string, passed: boolean) => ({ test, passed, message: passed ? "" : "no" })
const groups = readGroups("- why: no complex numbers\n  tests:\n    - fft a\n    - 'fft: b'\n")

it("a list that is empty, or only a comment, lists nothing", () => {
  expect(["", "# none\n"].map(readGroups)).toEqual([[], []])
})

it("agrees when just the listed tests fail", () => {
  const verdict = judge([outcome("add", true), outcome("fft a", false), outcome("fft: b", false)], groups)
  expect(verdict).toEqual({ passed: 1, failed: 2, unlisted: [], repaired: [], mistaken: [] })
  expect(agrees(verdict)).toBe(true)
})

it("disagrees with a new failure", () => {
  const verdict = judge([outcome("add", false), outcome("fft a", false), outcome("fft: b", false)], groups)
  expect(verdict.unlisted).toEqual([outcome("add", false)])
  expect(agrees(verdict)).toBe(false)
})

it("disagrees with a listed test that passes", () => {
  const verdict = judge([outcome("fft a", true), outcome("fft: b", false)], groups)
  expect(verdict).toEqual({ passed: 1, failed: 1, unlisted: [], repaired: ["fft a"], mistaken: [] })
  expect(agrees(verdict)).toBe(false)
})

it("disagrees with a listed name that isn't a test's, or that stands twice", () => {
  expect(judge([outcome("fft a", false)], groups).mistaken).toEqual(["fft: b"])
  const twice = judge([outcome("fft a", false)], [{ why: "x", tests: ["fft a", "fft a"] }])
  expect([twice.mistaken, agrees(twice)]).toEqual([["fft a"], false])
})

it("a name that several tests share fails with one of them", () => {
  const verdict = judge([outcome("fft a", true), outcome("fft a", false)], [{ why: "x", tests: ["fft a"] }])
  expect([verdict.passed, verdict.failed, agrees(verdict)]).toEqual([1, 1, true])
})
