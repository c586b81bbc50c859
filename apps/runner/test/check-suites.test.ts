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
/** Of those on wasm, which takes longest, some of every family. */
const some = [
  "nkd",
  "uskd",
  "kl-rl",
  "f-dpo",
  "mode-seeking",
  "weight-variance",
  "source-free",
  "cs-ib",
  "water-filling",
]

it.runIf(verify).for([
  ...(native
    ? ([
        ["all", "tensorflow", 1, []],
        ["all", "tensorflow", 2, []],
      ] as const)
    : []),
  ["some", "wasm", 1, some],
] as const)(
  "%s quick suites give the same again, step by step in another order, on %s with %s threads",
  { timeout: hours },
  async ([, backend, threads, suites], { task }) => {
    const { steps, differences } = await check(backend, threads, suites)
    expect(steps).toBeGreaterThan(100)
    expect(differences).toEqual([])
    Object.assign(task.meta, { figures: `${steps} steps` })
  },
)
