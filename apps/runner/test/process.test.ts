/** What only a process shows: pipes that close, colours, an old Node. */
import { execFileSync, spawnSync } from "node:child_process"
import { existsSync, writeFileSync } from "node:fs"
import { beforeAll, expect, it } from "vitest"
import { bin, inFolder, spawned } from "./relent.ts"

const folder = inFolder()
beforeAll(() =>
  folder.write(
    "moons.yaml",
    "name: moons\nseed: 1\nstages:\n  data: {stage: datasets/two-moons, with: {rows: 3000}}\n",
  ),
)

const shell = (script: string) =>
  spawnSync("bash", ["-o", "pipefail", "-c", script], {
    cwd: folder.path(),
    encoding: "utf8",
    env: { ...process.env, RELENT: bin, NODE: process.execPath },
  })

it("a pipe that closes early is no failure", () => {
  expect(shell(`"$NODE" "$RELENT" run moons.yaml`).status).toBe(0)
  for (const pipe of ["| head -1", "2>&1 | head -1", "2>&1 >/dev/null | head -0"]) {
    const words = pipe.startsWith("|") ? "table data.data --head 3000" : "run moons.yaml --force data"
    const { status, stderr } = shell(`"$NODE" "$RELENT" ${words} ${pipe}`)
    expect([pipe, status, stderr]).toEqual([pipe, 0, ""])
  }
})

it("colours are for terminals, and not where NO_COLOR is set", () => {
  if (!existsSync("/usr/bin/script")) return
  const onTerminal = (env: string) =>
    execFileSync("script", ["-qec", `${env} "${process.execPath}" "${bin}" runs`, "/dev/null"], {
      encoding: "utf8",
      env: { PATH: process.env["PATH"], TERM: "xterm-256color" },
    })
  expect(onTerminal("NO_COLOR=")).toContain("\u001b[1m")
  expect(onTerminal("NO_COLOR=1")).not.toContain("\u001b")
})

it("a Node that is too old is told so in one line", async () => {
  writeFileSync(
    folder.path("old.cjs"),
    `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "22.17.1" } })\n`,
  )
  const old = await spawned(["--help"], undefined, { NODE_OPTIONS: "--require ./old.cjs" })
  expect(old).toEqual({ code: 1, out: "", error: "relent needs Node 22.18 or newer; this is 22.17.1.\n" })
})
