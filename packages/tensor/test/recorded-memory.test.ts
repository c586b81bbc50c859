/** Recorded steps take no more memory the longer they run, nor after they are closed. */
import { execFile } from "node:child_process"
import { join } from "node:path"
import { promisify } from "node:util"
import { describe, expect, it } from "vitest"
import { installation } from "../src/tensorflow/installation.ts"
import { testBackendName } from "../src/testing.ts"

const verify = process.env["RELENT_VERIFY"] === "1"
const minutes = 60_000

interface Seen {
  /** MiB of the process. */
  readonly resident: number
  readonly tensors: number
  readonly native: number
}

/** What the script saw after a part, and at the end. */
const look = async (backend: string, what: "steps" | "recordings", count: number) => {
  const command = [join(import.meta.dirname, "recorded-memory.ts"), what, String(count), backend]
  const options = { timeout: 10 * minutes, killSignal: "SIGKILL" } as const
  const { stdout } = await promisify(execFile)(process.execPath, command, options)
  const { before, after } = JSON.parse(stdout) as { readonly before: Seen; readonly after: Seen }
  const tensors = after.tensors + after.native - before.tensors - before.native
  const figures = `${before.resident.toFixed(0)} MiB, ${(after.resident - before.resident).toFixed(1)} MiB more at the end, ${tensors} tensors more`
  return { growth: after.resident - before.resident, tensors, figures }
}

const verified = ["wasm", ...(installation() === undefined ? [] : ["tensorflow"])] as const

describe("recorded steps", () => {
  it("leave no tensor behind, nor do closed recordings", { timeout: minutes }, async () => {
    const [steps, recordings] = await Promise.all([
      look(testBackendName, "steps", 20),
      look(testBackendName, "recordings", 2),
    ])
    expect([steps.tensors, recordings.tensors]).toEqual([0, 0])
  })

  it.runIf(verify).for(
    verified.flatMap((backend) => [
      // MiB: a hundredth of what keeping the inputs of each step would take,
      [backend, "steps", 10_000, 6] as const,
      // and half of what keeping the state of each recording would take.
      [backend, "recordings", 50, 25] as const,
    ]),
  )(
    "take the same memory over many on %s, %s: %i",
    { timeout: 20 * minutes },
    async ([backend, what, count, bound], { task }) => {
      const { growth, tensors, figures } = await look(backend, what, count)
      Object.assign(task.meta, { figures })
      expect(tensors).toBe(0)
      expect(growth).toBeLessThan(bound)
    },
  )
})
