/**
 * `pnpm conformance [BACKEND]...`: tfjs-core's own tests on backends as relent opens them, held against `expected/BACKEND.yaml`.
 * Without names: every backend that has such a file and opens on this machine.
 */
import { spawnSync } from "node:child_process"
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { bundleTests } from "./bundle.ts"
import { agrees, type Group, judge, readGroups, type Verdict } from "./expected.ts"
import type { Report } from "./report.ts"

const expected = join(import.meta.dirname, "../expected")
const known = readdirSync(expected).map((file) => file.replace(/\.yaml$/, ""))
const asked = process.argv.slice(2)
const work = mkdtempSync(join(tmpdir(), "relent conformance "))
process.on("exit", () => rmSync(work, { recursive: true, force: true }))
const bundle = join(work, "tests.cjs")

const run = (backend: string): Report => {
  const report = join(work, `${backend}.json`)
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(import.meta.dirname, "run.ts"), backend, bundle, report],
    { encoding: "utf8", maxBuffer: 2 ** 28 },
  )
  if (status === 0) return JSON.parse(readFileSync(report, "utf8")) as Report
  return { unavailable: `the tests ended with ${status}\n${stdout.slice(-2000)}${stderr.slice(-2000)}` }
}

const show = (
  backend: string,
  { passed, failed, unlisted, repaired, mistaken }: Verdict,
  groups: ReadonlyArray<Group>,
) => {
  console.log(`${backend}: ${passed} pass, ${failed} fail`)
  for (const { why, tests } of groups) console.log(`${String(tests.length).padStart(6)}  ${why}`)
  for (const { test, message } of unlisted)
    console.error(`  fails and isn't listed: ${test}\n    ${message.slice(0, 300)}`)
  for (const test of repaired) console.error(`  listed, but passes: ${test}`)
  for (const test of mistaken) console.error(`  listed twice, or no such test: ${test}`)
}

await bundleTests(bundle)
for (const backend of asked.length > 0 ? asked : known) {
  const report = run(backend)
  if ("unavailable" in report) {
    const log = asked.length > 0 ? console.error : console.log
    log(`${backend}: not run: ${report.unavailable}`)
    if (asked.length > 0) process.exitCode = 1
    continue
  }
  const groups = known.includes(backend) ? readGroups(readFileSync(join(expected, `${backend}.yaml`), "utf8")) : []
  const verdict = judge(report.outcomes, groups)
  show(backend, verdict, groups)
  if (!agrees(verdict)) process.exitCode = 1
}
