/** The real thing, from the registries to the self-test: killed, with a compiler that makes broken code, twice at once, damaged. */
import { spawn } from "node:child_process"
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { Effect } from "effect"
import { digestOf } from "../../src/tensorflow/install/digests.ts"
import type { Added, Progress } from "../../src/tensorflow/install/index.ts"
import { remove } from "../../src/tensorflow/install/remove.ts"
import { thisSystem } from "../../src/tensorflow/install/tools.ts"

const { platform, arch } = thisSystem()
const verify = process.env["RELENT_VERIFY"] === "1" && platform === "linux" && arch === "x64"

type Line = Partial<Progress & Added & { readonly tag: string; readonly message: string }>
const minutes = 60_000

describe.runIf(verify)("relent backend add tensorflow", () => {
  const root = mkdtempSync(join(tmpdir(), "relent whole "))
  const [cache, folder] = [join(root, "cache"), join(root, "cache/backends/tensorflow")]
  afterAll(() => rmSync(root, { recursive: true, force: true }))

  /** Runs `add` to its end, or until it says this. */
  const add = (env: Readonly<Record<string, string>> = {}, killAt = "nothing that is said") =>
    new Promise<{ readonly lines: ReadonlyArray<Line>; readonly error: string }>((resolve) => {
      const program = join(import.meta.dirname, "add.process.ts")
      const words = ["--disable-warning=ExperimentalWarning", program]
      const child = spawn(process.execPath, words, { env: { ...process.env, RELENT_CACHE: cache, ...env } })
      let [out, error] = ["", ""]
      child.stdout.on("data", (chunk) => {
        out += String(chunk)
        if (out.includes(killAt)) child.kill("SIGKILL")
      })
      child.stderr.on("data", (chunk) => (error += String(chunk)))
      child.on("close", () => {
        const whole = out.slice(0, out.lastIndexOf("\n") + 1).trim()
        resolve({ lines: whole.split("\n").map((line) => JSON.parse(line) as Line), error })
      })
    })
  const doings = (lines: ReadonlyArray<Line>) => lines.flatMap(({ doing }) => (doing === undefined ? [] : [doing]))
  const inBackends = () => readdirSync(join(cache, "backends")).toSorted()

  it(
    "killed while it unpacks, it has the downloads and nothing else",
    async () => {
      const { lines } = await add({}, "unpacking and building")
      expect(doings(lines)).toEqual(["downloading", "downloading", "downloading", "unpacking and building"])
      expect(readdirSync(join(cache, "downloads"))).toHaveLength(3)
      expect(existsSync(folder)).toBe(false)
    },
    10 * minutes,
  )

  it(
    "a compiler that makes broken code is found out by the self-test, and nothing is installed",
    async () => {
      const compiler = join(root, "compiler")
      const broken = 'c++ "$@" || exit\nfor one; do case "$one" in */addon.so) printf broken >"$one";; esac; done\n'
      writeFileSync(compiler, `#!/bin/sh\n${broken}`, { mode: 0o755 })
      const { lines } = await add({ CXX: compiler })
      expect(doings(lines)).toEqual(["kept", "kept", "kept", "unpacking and building", "testing"])
      expect(lines.at(-1)).toMatchObject({
        tag: "SelfTestFailed",
        message: expect.stringMatching(/addon\.so: file too short/),
      })
      expect(inBackends()).toEqual(["tensorflow.lock"])
    },
    10 * minutes,
  )

  it(
    "of two at once one installs and the other takes it, and neither writes on standard error",
    async () => {
      const both = await Promise.all([add(), add()])
      const [first, second] = both.toSorted(
        (a, b) => Number(a.lines.at(-1)!.wasThere) - Number(b.lines.at(-1)!.wasThere),
      )
      expect(doings(first!.lines)).toEqual(["kept", "kept", "kept", "unpacking and building", "testing"])
      expect(first!.lines.at(-1)).toMatchObject({ wasThere: false })
      expect(doings(second!.lines)).toEqual(["waiting"])
      expect(second!.lines.at(-1)).toMatchObject({ wasThere: true })
      expect(both.map(({ error }) => error)).toEqual(["", ""])
      expect(inBackends()).toEqual(["tensorflow", "tensorflow.lock"])
      expect(readdirSync(folder)).toEqual([
        "addon.node",
        "addon.so",
        "installed.json",
        "libraries.txt",
        "tensorflow",
        "tfjs",
      ])
      expect(readdirSync(join(cache, "downloads"))).toEqual([])
    },
    10 * minutes,
  )

  it(
    "a damaged one is replaced by one that is as before",
    async () => {
      const { files } = JSON.parse(readFileSync(join(folder, "installed.json"), "utf8")) as Added["installation"]
      writeFileSync(join(folder, "tfjs/dist/node.js"), "damaged")
      const { lines } = await add()
      expect(lines[0]).toEqual({ doing: "replacing", what: "an installation that is damaged: tfjs/dist/node.js" })
      expect(lines.at(-1)).toMatchObject({ wasThere: false })
      expect(await digestOf(join(folder, "tfjs/dist/node.js"))).toBe(files["tfjs/dist/node.js"])
    },
    10 * minutes,
  )

  it("removed, nothing is left", async () => {
    process.env["RELENT_CACHE"] = cache
    expect((await Effect.runPromise(remove())).bytes).toBeGreaterThan(8e8)
    delete process.env["RELENT_CACHE"]
    expect(inBackends()).toEqual(["tensorflow.lock"])
  })
})
