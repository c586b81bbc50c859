/** What the machine must have: a system that there is a library for, Python with pip, npm and a C++ compiler, room on the disk. */
import { statfs } from "node:fs/promises"
import { Effect } from "effect"
import { lastWords, run } from "./child.ts"
import { CacheUnusable, DiskTooSmall, type MissingTool, PlatformUnsupported, ToolsMissing } from "./error.ts"
import { makeFolder } from "./make-folder.ts"

/** The system of this process; the version of the GNU C library is there on Linux only, and not where another one is used. */
export interface System {
  readonly platform: string
  readonly arch: string
  readonly glibc?: string | undefined
}

export const thisSystem = (): System => {
  const report = process.report as NodeJS.ProcessReport & { excludeNetwork: boolean }
  report.excludeNetwork = true // which would look up names
  const { header } = report.getReport() as unknown as { header: { glibcVersionRuntime?: string } }
  return { platform: process.platform, arch: process.arch, glibc: header.glibcVersionRuntime }
}

const supported = "linux-x64 with glibc 2.27 or newer"

/** Fails where the library isn't made for this system. */
export const checkSystem = ({ platform, arch, glibc }: System): Effect.Effect<void, PlatformUnsupported> => {
  const [major = 0, minor = 0] = (glibc ?? "").split(".").map(Number)
  if (platform === "linux" && arch === "x64" && (major > 2 || (major === 2 && minor >= 27))) return Effect.void
  const library = platform === "linux" ? ` with ${glibc === undefined ? "another C library" : `glibc ${glibc}`}` : ""
  return Effect.fail(new PlatformUnsupported({ platform: `${platform}-${arch}${library}`, supported }))
}

/** Why a program doesn't run; undefined if it does. */
const wrongWith = (program: string, ...words: ReadonlyArray<string>): Effect.Effect<string | undefined> =>
  Effect.map(run(program, words), (ended) => {
    if (ended === undefined) return "there is no such program"
    return ended.code === 0 ? undefined : lastWords(ended)
  })

const python: MissingTool = {
  tool: "python3",
  reason: "",
  mend: "Python 3 (Debian, Ubuntu: apt install python3; Fedora: dnf install python3)",
}
const pip: MissingTool = {
  tool: "pip",
  reason: "",
  mend: "pip for python3 (Debian, Ubuntu: apt install python3-pip; Fedora: dnf install python3-pip)",
}
const npm: MissingTool = { tool: "npm", reason: "", mend: "npm, which comes with Node" }
const cxx: MissingTool = {
  tool: "a C++ compiler",
  reason: "",
  mend: "a C++ compiler (Debian, Ubuntu: apt install g++; Fedora: dnf install gcc-c++)",
}

const missingPython = Effect.gen(function* () {
  const reason = yield* wrongWith("python3", "-c", "import hashlib, tarfile, zipfile, zlib")
  if (reason !== undefined) return { ...python, reason }
  const withoutPip = yield* wrongWith("python3", "-m", "pip", "--version")
  return withoutPip === undefined ? undefined : { ...pip, reason: withoutPip }
})
const missingNpm = Effect.map(wrongWith("npm", "--version"), (reason) => reason && { ...npm, reason })

/** The first compiler that runs: what CXX says, and only that, if it says something. */
const compiler = Effect.gen(function* () {
  const given = process.env["CXX"] ?? ""
  const names = given === "" ? ["c++", "g++", "clang++"] : [given]
  for (const name of names) if ((yield* wrongWith(name, "--version")) === undefined) return name
  return { ...cxx, reason: `${names.join(", ")}: there is no such program` }
})

/** Finds the compiler, and fails with all that is missing. */
export const findTools: Effect.Effect<{ readonly compiler: string }, ToolsMissing> = Effect.gen(function* () {
  const found = yield* Effect.all([missingPython, missingNpm, compiler], { concurrency: "unbounded" })
  const missing = found.filter((one): one is MissingTool => typeof one === "object")
  const [, , name] = found
  return missing.length > 0 || typeof name !== "string" ? yield* new ToolsMissing({ missing }) : { compiler: name }
})

/** Makes the folder, and fails if its disk has less room than so many bytes. */
export const makeRoom = (folder: string, needed: number): Effect.Effect<void, CacheUnusable | DiskTooSmall> =>
  Effect.gen(function* () {
    const { bavail, bsize } = yield* Effect.tryPromise({
      try: async () => {
        makeFolder(folder)
        return statfs(folder)
      },
      catch: (cause) => CacheUnusable.of(folder, cause),
    })
    const free = bavail * bsize
    if (free < needed) yield* new DiskTooSmall({ folder, needed, free })
  })
