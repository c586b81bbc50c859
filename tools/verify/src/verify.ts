/**
 * The long tier: every test that grows with RELENT_VERIFY=1, and every suite in full. What came out is written to `docs/verify.md`,
 * with date and commit. Hours. `pnpm verify [PART OF A FILE NAME]...` runs some of the tests, and writes nothing.
 */
import { execFileSync, spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

const root = join(import.meta.dirname, "../../..")
const only = process.argv.slice(2)
const git = (...args: ReadonlyArray<string>) => execFileSync("git", args, { cwd: root, encoding: "utf8" }).trim()

interface Row {
  readonly what: string
  readonly passed: boolean
  readonly seconds: number
}

const files = git("grep", "--untracked", "-l", "RELENT_VERIFY", "--", "*.test.ts")
  .split("\n")
  .filter((file) => only.length === 0 || only.some((part) => file.includes(part)))

interface Report {
  readonly testResults: ReadonlyArray<{
    readonly assertionResults: ReadonlyArray<{
      readonly fullName: string
      readonly status: "passed" | "failed" | "skipped" | "pending"
      readonly duration?: number
    }>
  }>
}

/** Runs the files one after the other: several measure memory, or load both cores. */
const tests = (folder: string): ReadonlyArray<Row> => {
  const report = join(folder, "tests.json")
  const options = ["--no-file-parallelism", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`]
  spawnSync("vitest", ["run", ...options, ...files], {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, RELENT_VERIFY: "1" },
  })
  const { testResults } = JSON.parse(readFileSync(report, "utf8")) as Report
  return testResults
    .flatMap((file) => file.assertionResults)
    .filter(({ status }) => status === "passed" || status === "failed")
    .map(({ fullName, status, duration = 0 }) => ({
      what: fullName,
      passed: status === "passed",
      seconds: duration / 1000,
    }))
}

/** All claims in full, each compared with its record. */
const suites = (folder: string): Row => {
  const begin = performance.now()
  const command = ["apps/runner/bin/relent.js", "suite", "run", "--check", "--store", join(folder, "store")]
  const { status } = spawnSync(process.execPath, command, { cwd: root, stdio: "inherit" })
  const seconds = (performance.now() - begin) / 1000
  return { what: "every claim in full has its recorded verdict", passed: status === 0, seconds }
}

/** Writes down what has been seen so far: the tests are told also where nobody waits for the suites. */
const write = (rows: ReadonlyArray<Row>): void => {
  const date = new Date().toISOString().slice(0, 10)
  const table = rows.map(
    ({ what, passed, seconds }) => `| ${what} | ${passed ? "yes" : "**no**"} | ${seconds.toFixed(0)} |`,
  )
  writeFileSync(
    join(root, "docs/verify.md"),
    `# The long tier\n\n\`pnpm verify\` on ${date}, commit ${commit}, Node ${process.versions.node}.\n\n| what | holds | seconds |\n|---|---|---|\n${table.join("\n")}\n`,
  )
}

const commit = git("rev-parse", "--short", "HEAD") + (git("status", "--porcelain") === "" ? "" : ", with changes")
const isWhole = only.length === 0
const folder = mkdtempSync(join(tmpdir(), "relent verify "))
const tested = tests(folder)
if (isWhole) write(tested)
const rows = isWhole ? [...tested, suites(folder)] : tested
if (isWhole) write(rows)
rmSync(folder, { recursive: true })

const failed = rows.filter(({ passed }) => !passed).length
console.log(`${rows.length - failed} of ${rows.length} hold`)
process.exitCode = failed === 0 && rows.length > 0 ? 0 : 1
