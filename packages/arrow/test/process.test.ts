/** What must be seen from outside a process: how much memory it takes, and that it ends. */
import { execFile } from "node:child_process"
import { join } from "node:path"
import { promisify } from "node:util"
import { describe, expect, it } from "vitest"

const verify = process.env["RELENT_VERIFY"] === "1"
const minutes = 60_000

/** What a script beside this one prints; a script that doesn't end in time is killed, and this rejects. */
const script = async (name: string, ...args: ReadonlyArray<number>): Promise<any> => {
  const command = [join(import.meta.dirname, name), ...args.map(String)]
  const timeout = verify ? 20 * minutes : minutes
  const { stdout } = await promisify(execFile)(process.execPath, command, { timeout, killSignal: "SIGKILL" })
  return JSON.parse(stdout)
}

describe("writing a stream of batches", () => {
  it("takes the memory of some batches, not of the table", { timeout: minutes }, async () => {
    expect((await script("back-pressure.ts", 200)).growth).toBeLessThan(150)
  })
  it.runIf(verify)("takes no more for 750 MB, nor beyond 2 GiB", { timeout: 20 * minutes }, async () => {
    expect((await script("back-pressure.ts", 750)).growth).toBeLessThan(150)
    expect(await script("back-pressure.ts", 2400)).toMatchObject({ rows: 768_000 })
  })
})

describe("reading", () => {
  it.runIf(verify)("takes a batch of more than 2 GiB", { timeout: 20 * minutes }, async () => {
    expect(await script("huge.ts")).toEqual({ rows: 290, bytes: 290 * 2 ** 23, same: true })
  })
})
