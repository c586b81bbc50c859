/** A download is the pinned bytes or a typed error; what is complete is kept, what isn't leaves nothing behind. */
import { createHash } from "node:crypto"
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs"
import { describe, expect, it, vi } from "vitest"
import { Effect, Fiber } from "effect"
import type { Archive } from "../../src/tensorflow/install/archives.ts"
import { download } from "../../src/tensorflow/install/download.ts"
import type { Progress } from "../../src/tensorflow/install/report.ts"
import { failure, ofTest } from "./machine.ts"

const machine = ofTest()
const content = "the bytes of a wheel"

const wheel: Archive = {
  client: "pip",
  name: "thing",
  version: "1.2.3",
  file: "thing-1.2.3-cp312-cp312-manylinux_2_27_x86_64.whl",
  bytes: content.length,
  digest: createHash("sha256").update(content).digest("hex"),
  abi: "cp312",
  platform: "manylinux_2_27_x86_64",
  unpacked: 0,
}
const tarball: Archive = { ...wheel, client: "npm", file: "thing-1.2.3.tgz" }

/** A client that gives these bytes, and writes down what it was called with. */
const gives = (bytes: string, { file }: Archive) =>
  `echo "$@" >>"${machine.path("calls")}"\nprintf '%s' '${bytes}' >'${file}'`
const folder = () => {
  const path = machine.path("cache", "downloads")
  mkdirSync(path, { recursive: true })
  return path
}
const inFolder = () => readdirSync(folder())
const fetch = (one: Archive, said: Array<Progress> = []) => download(one, folder(), (progress) => said.push(progress))

describe("a file", () => {
  it.each([
    ["npm", tarball, /^pack thing@1\.2\.3 --pack-destination \S+.* --ignore-scripts/],
    [
      "python3",
      wheel,
      /^-m pip download .*--no-deps --only-binary=:all: .*--abi cp312 --platform manylinux_2_27_x86_64 --dest .* thing==1\.2\.3\n$/,
    ],
  ] as const)("comes by %s", async (program, one, called) => {
    machine.programs({ [program]: gives(content, one) })
    const said: Array<Progress> = []
    const path = await Effect.runPromise(fetch(one, said))
    expect(readFileSync(path, "utf8")).toBe(content)
    expect(inFolder()).toEqual([one.file])
    expect(readFileSync(machine.path("calls"), "utf8")).toMatch(called)
    expect(said).toEqual([{ doing: "downloading", what: "thing 1.2.3", bytes: 20 }])
  })
  it("that is there and complete is taken as it is", async () => {
    machine.programs({ python3: "echo 'error: not called' >&2; exit 1" })
    machine.write(`cache/downloads/${wheel.file}`, content)
    const said: Array<Progress> = []
    expect(await Effect.runPromise(fetch(wheel, said))).toBe(machine.path("cache", "downloads", wheel.file))
    expect(said).toEqual([{ doing: "kept", what: "thing 1.2.3", bytes: 20 }])
  })
  it.each([content.slice(0, 7), content.replace("wheel", "whale"), ""])(
    "that is there as '%s' comes again",
    async (bytes) => {
      machine.programs({ python3: gives(content, wheel) })
      machine.write(`cache/downloads/${wheel.file}`, bytes)
      const said: Array<Progress> = []
      expect(readFileSync(await Effect.runPromise(fetch(wheel, said)), "utf8")).toBe(content)
      expect(said.map(({ doing }) => doing)).toEqual(["damaged, downloading again"])
    },
  )
})

describe("a broken download", () => {
  it("of other bytes is refused and removed, and so is what was there", async () => {
    machine.programs({ python3: gives("other bytes", wheel) })
    machine.write(`cache/downloads/${wheel.file}`, "half")
    const error = await failure(fetch(wheel))
    const found = createHash("sha256").update("other bytes").digest("hex")
    expect(error).toMatchObject({ _tag: "DownloadDamaged", what: "thing 1.2.3", expected: wheel.digest, found })
    expect(error.hint).toContain("don't use it")
    expect(inFolder()).toEqual([])
  })
  it("of a file with another name", async () => {
    machine.programs({ npm: gives(content, { ...tarball, file: "thing-1.2.4.tgz" }) })
    const error = await failure(fetch(tarball))
    expect(error).toMatchObject({ _tag: "DownloadFailed", client: "npm", said: "it gave no thing-1.2.3.tgz" })
    expect(inFolder()).toEqual([])
  })
  it("says what the client said", async () => {
    machine.programs({ python3: 'echo "WARNING: Retrying" >&2; echo "ERROR: No matching distribution" >&2; exit 1' })
    const error = await failure(fetch(wheel))
    expect(error.message).toBe("thing 1.2.3 couldn't be downloaded by pip: ERROR: No matching distribution")
    expect(error.hint).toContain("network")
  })
  it("that is interrupted leaves nothing, and its client ends", async () => {
    machine.programs({ python3: `echo $$ >"${machine.path("pid")}"; exec sleep 60` }, "/usr/bin", "/bin")
    const fiber = Effect.runFork(fetch(wheel))
    await vi.waitFor(() => expect(readFileSync(machine.path("pid"), "utf8")).toMatch(/\d+\n/))
    expect(inFolder()).toEqual([expect.stringMatching(/^\.partial-/)])
    await Effect.runPromise(Fiber.interrupt(fiber))
    expect(inFolder()).toEqual([])
    expect(existsSync(`/proc/${readFileSync(machine.path("pid"), "utf8").trim()}`)).toBe(false)
  })
})
