/** docs/divergences.md is what `relent divergences --markdown` prints; RELENT_WRITE_DOCS=1 writes it. */
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"
import { inFolder, relent } from "./relent.ts"

const folder = inFolder()
const file = join(import.meta.dirname, "../../../docs/divergences.md")
const head =
  "# Divergences, and what takes them\n\n<!-- what follows is printed by: relent divergences --markdown -->\n\n"
/** As it means, whatever the widths of its columns. */
const squeezed = (text: string) => text.replaceAll(/ +/g, " ").replaceAll(/-{3,}/g, "---")

it("the page of divergences is up to date", async () => {
  const { code, out } = await relent("divergences", "--markdown")
  expect(code).toBe(0)
  if (process.env["RELENT_WRITE_DOCS"] === "1") writeFileSync(file, `${head}${out}`)
  expect(squeezed(readFileSync(file, "utf8"))).toBe(squeezed(`${head}${out}`))
  expect(out).toContain("needs f*'(0) = -infinity, so that the optimum has full support")
})

it("one's own stands in it", async () => {
  await relent("new", "plugin", "mine")
  const { out } = await relent("divergences", "--markdown", "--plugin", folder.path("mine/src/index.ts"))
  expect(out).toMatch(/^\| `mine\/le-cam` \| yes \|/m)
})
