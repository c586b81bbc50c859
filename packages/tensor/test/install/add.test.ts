/** `add`, `list` and `remove` on a small installation made by hand, and where a machine lets nothing be installed. */
import { createHash } from "node:crypto"
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { describe, expect, it, vi } from "vitest"
import { Effect } from "effect"
import { chooseBackend } from "../../src/choose.ts"
import { add, list, type Progress, remove } from "../../src/tensorflow/install/index.ts"
import { tensorflowVersion, tfjsVersion } from "../../src/tensorflow/install/archives.ts"
import { thisSystem } from "../../src/tensorflow/install/tools.ts"
import { addonDigest } from "../../src/tensorflow/native.ts"
import { failure, ofTest, working } from "./machine.ts"

const machine = ofTest()
const { platform, arch, glibc } = thisSystem()
const files = { "addon.node": "addon", "tensorflow/lib.so": "library" }
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex")

/** An installation as `add` leaves it, but of two small files. */
const installed = async (change: object = {}) => {
  for (const [path, text] of Object.entries(files)) machine.write(`cache/backends/tensorflow/${path}`, text)
  const record = {
    tensorflow: tensorflowVersion,
    tfjs: tfjsVersion(),
    platform: `${process.platform}-${process.arch}`,
    cuda: false,
    libraries: [],
    addon: addonDigest(),
    files: Object.fromEntries(Object.entries(files).map(([path, text]) => [path, sha256(text)])),
    ...change,
  }
  machine.write("cache/backends/tensorflow/installed.json", JSON.stringify(record))
  return record
}
const folder = () => machine.path("cache/backends/tensorflow")
const backends = () => readdirSync(machine.path("cache/backends"))

describe.runIf(platform === "linux" && arch === "x64" && glibc !== undefined)("add", () => {
  it("takes what is there, if all of it is right, with no program on PATH", async () => {
    machine.programs({})
    const record = await installed()
    machine.write("cache/backends/.building-killed/half", "")
    machine.write("cache/downloads/.partial-killed/half", "")
    const added = await Effect.runPromise(add())
    expect(added).toMatchObject({ installation: record, wasThere: true, folder: folder() })
    expect(added.steps.map(({ what }) => what)).toEqual(["verify"])
    expect(backends()).toEqual(["tensorflow", "tensorflow.lock"])
    expect(readdirSync(machine.path("cache/downloads"))).toEqual([])
  })
  it.each([
    ["TensorFlow 2.20.0", { tensorflow: "2.20.0" }],
    ["TensorFlow.js 4.21.0", { tfjs: "4.21.0" }],
    ["with CUDA", { cuda: true }],
    ["made by another version of relent", { addon: "0" }],
    ["damaged: tensorflow/lib.so", { files: { "addon.node": sha256("addon"), "tensorflow/lib.so": sha256("other") } }],
    ["damaged: addon.node, tensorflow/lib.so", { files: {} }],
    [
      "damaged: gone",
      { files: { ...Object.fromEntries(Object.entries(files).map(([p, t]) => [p, sha256(t)])), gone: "" } },
    ],
  ])("replaces an installation that is %s, and leaves it where that fails", async (what, change) => {
    machine.programs({})
    await installed(change)
    const said: Array<Progress> = []
    const error = await failure(add({ report: (progress) => said.push(progress) }))
    expect(error._tag).toBe("ToolsMissing")
    expect(said).toEqual([{ doing: "replacing", what: `an installation that is ${what}` }])
    expect(readFileSync(`${folder()}/addon.node`, "utf8")).toBe("addon")
  })
  it("takes a folder whose record is damaged for none", async () => {
    machine.programs({})
    await installed()
    writeFileSync(`${folder()}/installed.json`, "{")
    expect(await Effect.runPromise(list)).toEqual([])
    expect((await failure(add()))._tag).toBe("ToolsMissing")
  })
  it("installs nothing where a download is broken", async () => {
    machine.programs({
      ...working,
      npm: "if [ $1 = pack ]; then echo npm error ETARGET >&2; exit 1; fi",
      python3: 'case "$*" in *" download "*) exec /bin/sleep 60;; esac', // ended with the one that fails
    })
    const error = await failure(add())
    expect(error).toMatchObject({ _tag: "DownloadFailed", said: "npm error ETARGET" })
    expect(backends()).toEqual(["tensorflow.lock"])
  })
  it("says where its cache can't be", async () => {
    vi.stubEnv("RELENT_CACHE", "/proc/relent")
    expect(await failure(add())).toMatchObject({ _tag: "CacheUnusable", path: "/proc/relent/backends" })
  })
})

it("takes no installation that another version of relent made", async () => {
  await installed()
  expect(chooseBackend().name).toBe("tensorflow")
  await installed({ addon: "0" })
  expect(chooseBackend()).toEqual({
    name: "wasm",
    why: "TensorFlow was installed by another version of relent: 'relent backend add tensorflow' replaces it",
  })
})

describe("list and remove", () => {
  it("where nothing is", async () => {
    expect(await Effect.runPromise(list)).toEqual([])
    const error = await failure(remove())
    expect(error).toMatchObject({ _tag: "NotInstalled", folder: folder() })
    expect(error.hint).toContain("relent backend add tensorflow")
  })
  it("of an installation", async () => {
    const record = await installed()
    machine.write("cache/downloads/kept.whl", "x".repeat(1000))
    const bytes = 12 + JSON.stringify(record).length
    expect(await Effect.runPromise(list)).toEqual([{ name: "tensorflow", folder: folder(), bytes, ...record }])
    expect(await Effect.runPromise(remove())).toEqual({ folder: folder(), bytes: bytes + 1000 })
    expect(backends()).toEqual(["tensorflow.lock"])
    expect(existsSync(machine.path("cache/downloads"))).toBe(false)
    expect(await Effect.runPromise(list)).toEqual([])
  })
  it("of one for another system", async () => {
    await installed({ platform: "plan9-mips" })
    expect(await Effect.runPromise(list)).toEqual([])
  })
})
