/** What a machine lacks is said before anything is downloaded, all at once, with what to install. */
import { describe, expect, it, vi } from "vitest"
import { Effect } from "effect"
import { checkSystem, findTools, makeRoom, thisSystem } from "../../src/tensorflow/install/tools.ts"
import { failure, ofTest, working } from "./machine.ts"

const machine = ofTest()

describe("a system", () => {
  it.each([
    [{ platform: "linux", arch: "x64", glibc: "2.27" }],
    [{ platform: "linux", arch: "x64", glibc: "2.36" }],
    [{ platform: "linux", arch: "x64", glibc: "3.0" }],
  ])("%j is supported", async (system) => {
    expect(await Effect.runPromise(checkSystem(system))).toBeUndefined()
  })
  it.each([
    [{ platform: "darwin", arch: "arm64" }, "this is darwin-arm64"],
    [{ platform: "win32", arch: "x64" }, "this is win32-x64"],
    [{ platform: "linux", arch: "arm64", glibc: "2.36" }, "this is linux-arm64 with glibc 2.36"],
    [{ platform: "linux", arch: "x64", glibc: "2.17" }, "this is linux-x64 with glibc 2.17"],
    [{ platform: "linux", arch: "x64" }, "this is linux-x64 with another C library"],
  ])("%j is not", async (system, message) => {
    const error = await failure(checkSystem(system))
    expect(error._tag).toBe("PlatformUnsupported")
    expect(error.message).toBe(`the backend 'tensorflow' is there for linux-x64 with glibc 2.27 or newer; ${message}`)
    expect(error.hint).toContain("'wasm' and 'cpu'")
  })
  it("is known", () => {
    const { platform, arch, glibc } = thisSystem()
    expect([platform, arch]).toEqual([process.platform, process.arch])
    expect(glibc ?? "2.0").toMatch(/^\d+\.\d+$/)
  })
})

describe("programs", () => {
  it("that are there are found, the compiler by its name", async () => {
    machine.programs(working)
    expect(await Effect.runPromise(findTools)).toEqual({ compiler: "c++" })
    machine.programs({ ...working, "c++": "exit 1", "clang++": "exit 0" })
    expect(await Effect.runPromise(findTools)).toEqual({ compiler: "clang++" })
    machine.programs({ ...working, mine: "exit 0" })
    vi.stubEnv("CXX", "mine")
    expect(await Effect.runPromise(findTools)).toEqual({ compiler: "mine" })
  })
  it("that are all missing are all named", async () => {
    machine.programs({})
    const error = await failure(findTools)
    expect(error._tag).toBe("ToolsMissing")
    expect(error.missing.map(({ tool }) => tool)).toEqual(["python3", "npm", "a C++ compiler"])
    expect(error.message).toBe(
      "to build the backend: python3 (there is no such program), npm (there is no such program), a C++ compiler (c++, g++, clang++: there is no such program)",
    )
    expect(error.hint).toMatch(/apt install python3.*npm, which comes with Node.*apt install g\+\+/)
  })
  it("python3 without pip", async () => {
    const python3 = 'if [ "$1" = -m ]; then echo "/usr/bin/python3: No module named pip" >&2; exit 1; fi'
    machine.programs({ ...working, python3 })
    const error = await failure(findTools)
    expect(error.message).toBe("to build the backend: pip (/usr/bin/python3: No module named pip)")
    expect(error.hint).toContain("apt install python3-pip")
  })
  it("a python3 without zlib says so", async () => {
    machine.programs({ ...working, python3: `echo "ModuleNotFoundError: No module named 'zlib'" >&2; exit 1` })
    expect((await failure(findTools)).message).toContain("python3 (ModuleNotFoundError: No module named 'zlib')")
  })
  it("a compiler that CXX names and that isn't there is not replaced by another", async () => {
    machine.programs(working)
    vi.stubEnv("CXX", "no-such-compiler")
    expect((await failure(findTools)).message).toContain("a C++ compiler (no-such-compiler: there is no such program)")
  })
})

describe("the cache", () => {
  it("is made where there is room", async () => {
    await Effect.runPromise(makeRoom(machine.path("cache", "downloads"), 1))
  })
  it("on a disk that is too small", async () => {
    const error = await failure(makeRoom(machine.path("cache"), 1e18))
    expect(error).toMatchObject({ _tag: "DiskTooSmall", needed: 1e18, folder: machine.path("cache") })
    expect(error.message).toMatch(/cache: 1000000000\.0 GB are needed here while installing, and \d+.* [MG]B are free$/)
    expect(error.hint).toContain("RELENT_CACHE")
  })
  it.each(["/proc/relent", "/dev/null/relent"])("that can't be written: %s", async (folder) => {
    const error = await failure(makeRoom(folder, 1))
    expect(error).toMatchObject({ _tag: "CacheUnusable", path: folder })
    expect(error.message).toMatch(/can't be written: E(NOENT|EXIST|ACCES)/)
    expect(error.hint).toContain("RELENT_CACHE")
  })
})
