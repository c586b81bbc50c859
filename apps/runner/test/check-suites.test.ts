/** Results of quick suites are what computing them again gives, in another order of steps. */
import { execFile } from "node:child_process"
import { join } from "node:path"
import { promisify } from "node:util"
import { chooseBackend } from "@relent/tensor/choose"
import { expect, it } from "vitest"
import type { CheckedSuites } from "./check-suites.ts"

const verify = process.env["RELENT_VERIFY"] === "1"
const hours = 3_600_000

const check = async (backend: string, threads: number, suites: ReadonlyArray<string>): Promise<CheckedSuites> => {
  const command = ["--no-warnings", join(import.meta.dirname, "check-suites.ts"), backend, ...suites]
  const env = { ...process.env, TF_NUM_INTRAOP_THREADS: String(threads) }
  const { stdout } = await promisify(execFile)(process.execPath, command, { env, maxBuffer: 1 << 26 })
  return JSON.parse(stdout) as CheckedSuites
}

it("a quick suite gives the same again", async () => {
  const { steps, differences } = await check("wasm", 1, ["water-filling"])
  expect(steps).toBeGreaterThan(1)
  expect(differences).toEqual([])
})

const native = chooseBackend().name === "tensorflow"

it.runIf(verify).for([
  ...(native
    ? ([
        ["tensorflow", 1],
        ["tensorflow", 2],
      ] as const)
    : []),
  ["wasm", 1],
] as const)(
  "all quick suites give the same again on %s, threads: %s",
  { timeout: hours },
  async ([backend, threads], { task }) => {
    const { steps, differences } = await check(backend, threads, [])
    expect(steps).toBeGreaterThan(500)
    expect(differences).toEqual([])
    Object.assign(task.meta, { figures: `${steps} steps` })
  },
)
