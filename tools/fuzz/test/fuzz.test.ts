/** Damaged files and documents: each ends in a value or a typed error, within a second and a bound of memory. */
import { describe, expect, it } from "vitest"
import { fuzz, type TargetName, targets } from "../src/index.ts"

const verify = process.env["RELENT_VERIFY"] === "1"
const names = Object.keys(targets) as ReadonlyArray<TargetName>
const minutes = 60_000

/** Some are read and some refused by every reader: neither alone would say anything. */
const wanted = (outcomes: Readonly<Record<string, number>>) => {
  const readers = new Set(Object.keys(outcomes).map((outcome) => outcome.split(" ")[0]!))
  return [...readers].flatMap((reader) => [`${reader} read`, `${reader} refused`])
}

describe("damaged bytes", () => {
  it("end in a value or a typed error, whatever they are of", { timeout: 2 * minutes }, async () => {
    const cases = { seed: 1, from: 0, to: 150 }
    const all = await Promise.all(names.map(async (target) => ({ target, ...(await fuzz({ target, ...cases })) })))
    for (const { target, outcomes, findings } of all) {
      expect([target, findings]).toEqual([target, []])
      expect(Object.keys(outcomes)).toEqual(expect.arrayContaining(wanted(outcomes)))
    }
  })

  for (const target of verify ? names : [])
    it(`of ${target} end so 100,000 times`, { timeout: 60 * minutes }, async ({ task }) => {
      const { outcomes, findings } = await fuzz({ target, seed: 11, from: 0, to: 100_000 })
      const figures = Object.entries(outcomes).map(([outcome, count]) => `${outcome} ${count}`)
      Object.assign(task.meta, { figures: figures.join(", ") })
      expect(findings).toEqual([])
      expect(Object.keys(outcomes)).toEqual(expect.arrayContaining(wanted(outcomes)))
    })
})
