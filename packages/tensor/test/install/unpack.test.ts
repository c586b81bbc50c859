/** Only what is asked for is unpacked, inside the folder, and an archive that is broken or of another shape is a typed error. */
import { spawnSync } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { Effect } from "effect"
import { filesIn } from "../../src/tensorflow/install/digests.ts"
import { unpack } from "../../src/tensorflow/install/unpack.ts"
import { failure, ofTest } from "./machine.ts"

const machine = ofTest()
const python = (script: string) => spawnSync("python3", ["-c", script], { cwd: machine.path(), encoding: "utf8" })

/** Makes an archive of files by their names. */
const archive = (name: "a.whl" | "a.tgz", files: Readonly<Record<string, string>>) => {
  const made = python(`
import io, json, tarfile, zipfile
files = json.loads('''${JSON.stringify(files)}''')
if "${name}" == "a.whl":
    with zipfile.ZipFile("a.whl", "w", zipfile.ZIP_DEFLATED) as z:
        for name, text in files.items(): z.writestr(name, text)
else:
    with tarfile.open("a.tgz", "w:gz") as t:
        for name, text in files.items():
            one = tarfile.TarInfo(name); one.size = len(text); t.addfile(one, io.BytesIO(text.encode()))
`)
  expect(made.stderr).toBe("")
  return { archive: machine.path(name), into: machine.path("out") }
}
const files = { "package/a.js": "a", "package/b/c.js": "c", "package/b/c_test.js": "t", "package/d.ts": "d" }

describe.runIf(spawnSync("python3", ["--version"]).status === 0)("an archive", () => {
  it.each(["a.whl", "a.tgz"] as const)("%s gives what the patterns name", async (name) => {
    await Effect.runPromise(
      unpack({ ...archive(name, files), prefix: "package/", patterns: ["package/*.js", "!*_test.js"] }),
    )
    expect(await filesIn(machine.path("out"))).toEqual(["a.js", "b/c.js"])
    expect(readFileSync(machine.path("out", "b/c.js"), "utf8")).toBe("c")
  })
  it("that lacks what is wanted", async () => {
    const part = { ...archive("a.whl", files), prefix: "", patterns: ["package/a.js", "package/z.so", "package/y.so"] }
    const error = await failure(unpack(part))
    expect(error._tag).toBe("UnpackFailed")
    expect(error.message).toBe(`${part.archive} couldn't be unpacked: no file is named package/y.so, package/z.so`)
  })
  it.each(["a.whl", "a.tgz"] as const)("%s with a name that leads elsewhere", async (name) => {
    const part = { ...archive(name, { "package/../../evil": "x" }), prefix: "package/", patterns: ["*"] }
    expect((await failure(unpack(part))).said).toBe("package/../../evil leads out of the folder")
    expect(existsSync(machine.path("evil"))).toBe(false)
  })
  it.each(["a.whl", "a.tgz"] as const)("%s cut short", async (name) => {
    const long = Array.from({ length: 5000 }, (_, i) => `${i * i}`).join(" ")
    const part = { ...archive(name, { "package/a.js": long }), prefix: "package/", patterns: ["*"] }
    machine.write(name, readFileSync(part.archive).subarray(0, 5000))
    expect((await failure(unpack(part)))._tag).toBe("UnpackFailed")
  })
  it("that isn't there", async () => {
    const error = await failure(
      unpack({ archive: "/no/such.whl", into: machine.path("out"), prefix: "", patterns: ["*"] }),
    )
    expect(error.message).toContain("/no/such.whl couldn't be unpacked: [Errno 2] No such file or directory")
  })
})
