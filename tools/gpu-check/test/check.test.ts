/** The check as it runs on a machine without a card. */
import { spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, statSync, readdirSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Schema } from "effect"
import { afterAll, describe, expect, it } from "vitest"
import { dawnPackage } from "../../../packages/tensor/src/webgpu/dawn.ts"
import { Report } from "../src/report.ts"

const folder = mkdtempSync(join(tmpdir(), "relent gpu-check "))
afterAll(() => rmSync(folder, { recursive: true }))
const out = (name: string) => join(folder, name)
const reportOf = (name: string) =>
  Schema.decodeUnknownSync(Report)(JSON.parse(readFileSync(join(out(name), "report.json"), "utf8")))

/** No driver, whatever this machine has. */
const noDriver = { VK_DRIVER_FILES: "/nowhere.json", VK_ICD_FILENAMES: "/nowhere.json" }
const verify = process.env["RELENT_VERIFY"] === "1"
const webgpuParts = verify ? ["conformance", "equality", "pipeline", "benchmark"] : ["pipeline"]

it("without a card it ends well, and says what it skipped", { timeout: 120_000 }, () => {
  const script = join(import.meta.dirname, "../src/check.ts")
  const words = [
    script,
    "--out",
    out("none"),
    "--only",
    verify ? "webgpu,tensorflow" : "pipeline:webgpu,pipeline:tensorflow",
  ]
  const env = { ...process.env, ...noDriver }
  const { status, stdout } = spawnSync(process.execPath, words, { env, encoding: "utf8" })
  expect(status).toBe(0)
  const { parts } = reportOf("none")
  expect(parts.map(({ name, backend, outcome }) => [name, backend, outcome])).toEqual(
    ["webgpu", "tensorflow"].flatMap((backend) => webgpuParts.map((name) => [name, backend, "skipped"])),
  )
  for (const { backend, why } of parts)
    expect(why).toMatch(backend === "webgpu" ? /^backend 'webgpu' can't be used: .*; .+/ : /^no installation was given/)
  expect(stdout).toContain("skipped      pipeline on webgpu")
  expect(readFileSync(join(out("none"), "report.md"), "utf8")).toContain("## pipeline on webgpu: skipped")
})

describe.runIf(verify && dawnPackage() !== undefined)("the packed folder", () => {
  const packed = out("packed")
  it("has at most 60 MiB", { timeout: 900_000 }, () => {
    const script = join(import.meta.dirname, "../src/pack.ts")
    const { status, stderr } = spawnSync(process.execPath, [script, packed], { encoding: "utf8" })
    expect([status, stderr]).toEqual([0, ""])
    const bytes = readdirSync(packed).reduce((sum, name) => sum + statSync(join(packed, name)).size, 0)
    expect(bytes).toBeLessThanOrEqual(60 * 2 ** 20)
    expect(readdirSync(packed).toSorted()).toEqual(["README.md", "check.sh", "payload.tar.xz"])
  })
  it("runs without Node, workspace and card", { timeout: 300_000 }, () => {
    const words = [join(packed, "check.sh"), out("carried"), "--only", "webgpu,benchmark:wasm", "--patience", "3"]
    const env = { PATH: "/usr/bin:/bin", HOME: folder, ...noDriver }
    const { status } = spawnSync("/bin/bash", words, { cwd: folder, env, encoding: "utf8" })
    expect(status).toBe(0)
    const { parts, commit } = reportOf("carried")
    expect(commit).toMatch(/^[0-9a-f]{7,}/)
    expect(parts.map(({ outcome }) => outcome)).toEqual(["skipped", "skipped", "skipped", "skipped", "passed"])
    expect(parts[0]!.why).toContain("no graphics card with a driver was found")
    expect(parts[4]!.rows.map(({ what }) => what)).toContain("product 1024x1024x1024")
  })
})
