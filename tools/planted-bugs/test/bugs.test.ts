import { existsSync, readdirSync, readFileSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { describe, expect, it } from "vitest"
import { flagships } from "../src/bugs/index.ts"

const root = join(import.meta.dirname, "../../..")
const bugs = flagships.flatMap((flagship) => flagship.bugs)

describe("the list", () => {
  it("has 40 bugs, each by its name, four of each paper", () => {
    expect(new Set(bugs.map(({ name }) => name)).size).toBe(bugs.length)
    expect(bugs.length).toBeGreaterThanOrEqual(40)
    for (const { bugs: own } of flagships) expect(own.length).toBeGreaterThanOrEqual(4)
  })

  it.each(bugs)("finds once what $name replaces", ({ file, find, put }) => {
    const text = readFileSync(join(root, file), "utf8")
    expect(text.split(find).length - 1).toBe(1)
    expect(text.replace(find, () => put)).not.toBe(text)
  })

  it.each(flagships)("names tests and suites of $paper that are there", ({ tests, suites, bugs: own }) => {
    for (const test of [...tests, ...own.flatMap((bug) => bug.tests ?? [])]) {
      const files = readdirSync(join(root, dirname(test)))
      expect(files.some((file) => file.startsWith(basename(test)) && file.endsWith(".test.ts"))).toBe(true)
    }
    for (const suite of suites) expect(existsSync(join(root, suite))).toBe(true)
  })
})
