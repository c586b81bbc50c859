/**
 * The long tier: every test that grows with RELENT_VERIFY=1, and every suite in full. What came out is written to `docs/verify.md`,
 * each row with its date and commit. An hour. `pnpm verify [PART OF A FILE NAME]...` runs some of the tests, and writes their rows;
 * `pnpm verify suites` runs the suites alone.
 */
import { execFileSync, spawnSync } from "node:child_process"
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

const root = join(import.meta.dirname, "../../..")
const only = process.argv.slice(2)
const git = (...args: ReadonlyArray<string>) => execFileSync("git", args, { cwd: root, encoding: "utf8" }).trim()

interface Row {
  readonly what: string
  readonly passed: boolean
  readonly seconds: number
  /** What the test measured: it leaves them in its `task.meta`. */
  readonly figures?: string
}

/** Those that say so, and properties of kernels, which have more cases then. */
const grows = 'RELENT_VERIFY|from "./property.ts"'
const files = git("grep", "--untracked", "-lE", grows, "--", "*.test.ts")
  .split("\n")
  .filter((file) => only.length === 0 || only.some((part) => file.includes(part)))

interface Report {
  readonly testResults: ReadonlyArray<{
    readonly assertionResults: ReadonlyArray<{
      readonly fullName: string
      readonly status: "passed" | "failed" | "skipped" | "pending"
      readonly duration?: number
      readonly meta?: { readonly figures?: string }
    }>
  }>
}

/** Runs the files one after the other: several measure memory, or load both cores. */
const tests = (folder: string): ReadonlyArray<Row> => {
  const report = join(folder, "tests.json")
  const options = [
    "--no-file-parallelism",
    "--testTimeout=60000",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
  ]
  spawnSync("vitest", ["run", ...options, ...files], {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, RELENT_VERIFY: "1" },
  })
  const { testResults } = JSON.parse(readFileSync(report, "utf8")) as Report
  return testResults
    .flatMap((file) => file.assertionResults)
    .filter(({ status }) => status === "passed" || status === "failed")
    .map(({ fullName, status, duration = 0, meta: { figures = "" } = {} }) => ({
      what: fullName,
      passed: status === "passed",
      seconds: duration / 1000,
      figures,
    }))
}

/** All claims in full, each compared with its record; the page of them stays. */
const suites = (folder: string): Row => {
  const begin = performance.now()
  const page = join(tmpdir(), "relent-verdicts.html")
  const options = ["--check", "--jobs", "2", "--html", page, "--store", join(folder, "store")]
  const command = ["apps/runner/bin/relent.js", "suite", "run", ...options]
  const { status } = spawnSync(process.execPath, command, { cwd: root, stdio: "inherit" })
  const seconds = (performance.now() - begin) / 1000
  return { what: "every claim in full has its recorded verdict", passed: status === 0, seconds }
}

const table = join(root, "docs/verify.md")
const changes = git("status", "--porcelain", "--", ".", ":!docs/verify.md") === "" ? "" : " with changes"
const commit = `${git("rev-parse", "--short", "HEAD")}${changes}`
const head = "| what | holds | seconds | date | commit | figures |\n|---|---|---|---|---|---|"

/** The rows of the table, by what they are about. */
const known = (): Map<string, string> => {
  const text = existsSync(table) ? readFileSync(table, "utf8") : ""
  const rows = text.split("\n").filter((line) => line.startsWith("| ") && !line.startsWith("| what "))
  return new Map(rows.map((row) => [row.split(" | ")[0]!.slice(2), row]))
}

/** Writes down what has been seen; what wasn't looked at keeps its row. */
const write = (seen: ReadonlyArray<Row>): void => {
  const rows = known()
  const date = new Date().toISOString().slice(0, 10)
  for (const { what, passed, seconds, figures = "" } of seen) {
    const cells = [what, passed ? "yes" : "**no**", seconds.toFixed(0), date, commit, figures]
    rows.set(what, `| ${cells.join(" | ")} |`)
  }
  const about = `What \`pnpm verify\` found, on Node ${process.versions.node}.`
  writeFileSync(table, `# The long tier\n\n${about}\n\n${head}\n${[...rows.values()].join("\n")}\n`)
}

const folder = mkdtempSync(join(tmpdir(), "relent verify "))
const tested = files.length > 0 ? tests(folder) : []
write(tested)
const rows = only.length === 0 || only.includes("suites") ? [...tested, suites(folder)] : tested
write(rows)
rmSync(folder, { recursive: true })

const failed = rows.filter(({ passed }) => !passed).length
console.log(`${rows.length - failed} of ${rows.length} hold`)
process.exitCode = failed === 0 && rows.length > 0 ? 0 : 1
