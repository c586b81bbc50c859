/** Who notices: tests, then suites. */
import { spawnSync } from "node:child_process"
import { readFileSync, rmSync } from "node:fs"
import { join } from "node:path"

interface Report {
  readonly testResults: ReadonlyArray<{
    readonly name: string
    readonly status: string
    readonly message: string
    readonly assertionResults: ReadonlyArray<{ readonly fullName: string; readonly status: string }>
  }>
}

const patience = 280_000

/** The projects of test files: vitest then starts no others. */
const projectsOf = (folder: string, tests: ReadonlyArray<string>): ReadonlyArray<string> => [
  ...new Set(
    tests.map((test) => {
      const [kind, name] = test.split("/") as [string, string]
      const manifest = readFileSync(join(folder, kind, name, "package.json"), "utf8")
      return (JSON.parse(manifest) as { readonly name: string }).name
    }),
  ),
]

/** The first test that fails; `undefined` where all pass. Throws where tests can't be run: such a bug isn't one of mathematics. */
export const failingTest = (folder: string, tests: ReadonlyArray<string>): string | undefined => {
  const report = join(folder, "tests.json")
  rmSync(report, { force: true })
  const projects = projectsOf(folder, tests).flatMap((name) => ["--project", name])
  const options = ["--no-isolate", "--bail", "1", "--testTimeout=60000", "--reporter=json", `--outputFile=${report}`]
  const command = [join(folder, "node_modules/vitest/vitest.mjs"), "run", ...options, ...projects, ...tests]
  const { stdout, stderr, status } = spawnSync(process.execPath, command, {
    cwd: folder,
    encoding: "utf8",
    timeout: patience,
    env: { ...process.env, RELENT_BACKEND: "wasm" },
  })
  if (status === null) throw new Error(`tests of ${folder} took more than ${patience / 1000} s`)
  const { testResults } = JSON.parse(readFileSync(report, "utf8")) as Report
  for (const { name, assertionResults } of testResults)
    for (const { fullName, status } of assertionResults)
      if (status === "failed") return `${name.slice(folder.length + 1)}: ${fullName}`
  if (status !== 0 || testResults.length === 0)
    throw new Error(
      `no test failed, but vitest did:\n${stdout}${stderr}${testResults.map((r) => r.message).join("\n")}`,
    )
  return undefined
}

/** Whether all quick verdicts of a suite are the recorded ones. */
export const holds = (folder: string, suite: string): boolean => {
  const store = join(folder, ".relent-planted")
  const words = ["suite", "run", suite, "--quick", "--check", "--backend", "wasm", "--store", store]
  const { status, stdout, stderr } = spawnSync(process.execPath, ["apps/runner/bin/relent.js", ...words], {
    cwd: folder,
    encoding: "utf8",
    timeout: patience,
  })
  if (status === null) throw new Error(`${suite} took more than ${patience / 1000} s`)
  // 2: a stage failed, 3: a verdict changed; all else is no answer
  if (![0, 2, 3].includes(status)) throw new Error(`${suite} ended with ${status}:\n${stdout}${stderr}`)
  if (status !== 0) console.log(`${stdout}${stderr}`.trim().split("\n").slice(-12).join("\n"))
  return status === 0
}
