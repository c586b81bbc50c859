/** `docs/papers.md` is what the suites say; with RELENT_WRITE_DOCS=1 it is written. */
import { readFileSync, writeFileSync } from "node:fs"
import { expect, it } from "vitest"
import { plainText, referenceOf } from "./papers/bibliography.ts"
import { papersMarkdown } from "./papers/index.ts"

const file = new URL("../../../docs/papers.md", import.meta.url)

it("the index of papers is that of the suites", async () => {
  const now = await papersMarkdown()
  if (process.env["RELENT_WRITE_DOCS"] === "1") writeFileSync(file, now)
  expect(readFileSync(file, "utf8"), "RELENT_WRITE_DOCS=1 vitest run --project @relent/runner papers").toBe(now)
})

it("every paper of the index has a stage that names it", async () => {
  const overview = (await papersMarkdown()).split("\n## ")[0]!
  const rows = overview.split("\n").filter((row) => row.startsWith("| ["))
  expect(rows.length).toBeGreaterThan(5)
  for (const row of rows) expect(row.split(" | ")[1]).toMatch(/^`[a-z-]+\/[a-z-]+`/)
})

it("references become plain text, or an error", () => {
  expect(plainText(String.raw`R{\'e}nyi, Sch{\"o}lkopf, Kaiser {\L}ukasz, L{\o}kse, {KL} {$f$}-GAN 1--2`)).toBe(
    "Rényi, Schölkopf, Kaiser Łukasz, Løkse, KL f-GAN 1–2",
  )
  expect(() => plainText(String.raw`$\chi^2$`)).toThrow("TeX that isn't known")
  const bib = "@article{a2020b,\n  title = {On {X}},\n  author = {van Erven, Tim and Doe, J.},\n  year = {2020}\n}\n"
  expect(referenceOf(bib, "a2020b")).toEqual({ authors: ["van Erven", "Doe"], title: "On X", year: "2020" })
  expect(() => referenceOf(bib, "a2020")).toThrow("no a2020")
})
