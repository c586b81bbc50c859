import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { runPart } from "../src/process.ts"

const folder = mkdtempSync(join(tmpdir(), "relent gpu-check "))
afterAll(() => rmSync(folder, { recursive: true }))

let count = 0
/** A part that runs this code. */
const part = (code: string, limit = 20) => {
  const script = join(folder, `${count++}.cjs`)
  writeFileSync(script, code)
  return runPart({ name: "made up", backend: "cpu", script, limit })
}
const tell = (line: object) => `process.stdout.write(${JSON.stringify(`${JSON.stringify(line)}\n`)});`
const opened = { device: "a card", numerics: "a b c" }
const row = { what: "a sum", holds: true }

describe("a part", () => {
  it("that tells what it saw has passed", async () => {
    const seen = await part(tell({ opened }) + tell({ row }) + "console.log('and a word');")
    expect(seen).toMatchObject({ outcome: "passed", ...opened, rows: [row], name: "made up", backend: "cpu" })
    expect("why" in seen).toBe(false)
  })
  it("whose demand doesn't hold has failed", async () => {
    expect(await part(tell({ row }) + tell({ row: { ...row, holds: false } }))).toMatchObject({
      outcome: "failed",
      why: "1 of its demands don't hold",
    })
  })
  it("that can't run is skipped, and says why", async () => {
    expect(await part(tell({ skipped: "there is no card" }))).toMatchObject({
      outcome: "skipped",
      why: "there is no card",
    })
  })
  it("that can't run quotes what else was said", async () => {
    const seen = await part(`${tell({ skipped: "there is no card" })}console.error("vkCreateInstance failed");`)
    expect(seen.why).toBe("there is no card\n\nvkCreateInstance failed")
  })
  it("that crashes keeps what it had seen", async () => {
    const seen = await part(
      `${tell({ opened })}${tell({ row })}process.stdout.write('{"row":{"wh');process.kill(process.pid, "SIGSEGV");`,
    )
    expect(seen).toMatchObject({ outcome: "crashed", device: "a card", rows: [row] })
    expect(seen.why).toContain("SIGSEGV")
  })
  it("that throws is quoted", async () => {
    const seen = await part("throw new Error('the driver is too old')")
    expect(seen.outcome).toBe("crashed")
    expect(seen.why).toMatch(/ended with 1[\s\S]*the driver is too old/)
  })
  it("that hangs is stopped with what it started, and keeps what it had seen", async () => {
    const child = `require("node:child_process").spawn(process.execPath, ["-e", "setInterval(() => 0, 1000)"], { stdio: "inherit" });`
    const seen = await part(`${tell({ row })}${child}setInterval(() => 0, 1000)`, 1)
    expect(seen).toMatchObject({ outcome: "out of time", why: "stopped after 1 seconds", rows: [row] })
  })
})
