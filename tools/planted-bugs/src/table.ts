/** What was found, as a page that grows with every run. */
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { basename, join } from "node:path"
import type { Bug, Flagship } from "./bug.ts"
import { flagships } from "./bugs/index.ts"

export const page = join(import.meta.dirname, "../found.md")

const columns = ["bug", "paper", "file", "kind", "what was changed", "caught by", "escaped at first"]
const head = `| ${columns.join(" | ")} |\n|${"---|".repeat(columns.length)}`
const cell = (text: string) => text.replaceAll("|", "\\|")

export const notCaught = "**nothing**"

export const rowOf = ({ paper }: Flagship, bug: Bug, caughtBy: string | undefined): string => {
  const cells = [bug.name, paper, basename(bug.file), bug.kind, bug.what, caughtBy ?? notCaught, bug.escaped ?? ""]
  return `| ${cells.map(cell).join(" | ")} |`
}

/** The page's rows by bug. */
const known = (): Map<string, string> => {
  const lines = existsSync(page) ? readFileSync(page, "utf8").split("\n") : []
  const rows = lines.filter((line) => line.startsWith("| ") && !line.startsWith("| bug "))
  return new Map(rows.map((row) => [row.split(" | ")[0]!.slice(2), row]))
}

/** Writes rows down; what wasn't planted this time keeps its own. */
export const write = (rows: ReadonlyMap<string, string>): void => {
  const bugs = flagships.flatMap((flagship) => flagship.bugs)
  const all = new Map([...known(), ...rows])
  const listed = bugs.flatMap(({ name }) => all.get(name) ?? [])
  const caught = listed.filter((row) => !row.includes(notCaught)).length
  const escaped = bugs.filter((bug) => bug.escaped !== undefined).length
  const about = `What \`pnpm planted-bugs\` found: ${caught} of ${listed.length} bugs are caught, ${listed.length - escaped} were by the tests and quick suites of the time when they were thought of.`
  writeFileSync(page, `# Planted bugs\n\n${about}\n\n${head}\n${listed.join("\n")}\n`)
}
