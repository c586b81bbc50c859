/** `relent backend add tensorflow`: fetches, unpacks, builds, tries, and only then installs. */
import { existsSync } from "node:fs"
import { rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { Effect } from "effect"
import { type Installation, installation, tensorflowFolder } from "../installation.ts"
import { addonDigest } from "../native.ts"
import { type Archive, cpuWheel, cudaWheel, nodeHeaders, tensorflowVersion, tfjs, tfjsVersion } from "./archives.ts"
import { build, headers } from "./build.ts"
import { cudaLibraries, cudaParts } from "./cuda.ts"
import { bytesIn, digestsIn } from "./digests.ts"
import { download, temporary } from "./download.ts"
import { CacheUnusable, type InstallError } from "./error.ts"
import { backendsFolder, clear, downloadsFolder, lockFile, prefixes } from "./folders.ts"
import { alone } from "./lock.ts"
import { place } from "./place.ts"
import type { Report } from "./report.ts"
import { selfTest } from "./self-test.ts"
import { checkSystem, findTools, makeRoom, thisSystem } from "./tools.ts"
import { unpack } from "./unpack.ts"
import { differs } from "./verify.ts"

export interface Options {
  /** With the libraries for NVIDIA's GPUs. */
  readonly cuda?: boolean
  readonly report?: Report
}

/** What took how long. */
export interface Step {
  readonly what: string
  /** What was read or written, where that says something. */
  readonly bytes?: number
  readonly milliseconds: number
}

export interface Added {
  readonly installation: Installation
  readonly folder: string
  /** Installed, in bytes. */
  readonly bytes: number
  /** It was there already, and is sound. */
  readonly wasThere: boolean
  readonly steps: ReadonlyArray<Step>
}

const attempt = <A>(path: string, run: () => Promise<A>): Effect.Effect<A, CacheUnusable> =>
  Effect.tryPromise({ try: run, catch: (cause) => CacheUnusable.of(path, cause) })

/** Runs a step and notes its time. */
const timer = (steps: Array<Step>) => {
  return <A, E, R>(what: string, bytes: number | undefined, effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.suspend(() => {
      const begin = performance.now()
      const note = () => {
        steps.push({ what, ...(bytes !== undefined && { bytes }), milliseconds: performance.now() - begin })
      }
      return Effect.tap(effect, () => Effect.sync(note))
    })
}

/** Room for what isn't downloaded yet, for all that is unpacked, and for what is built from it. */
const roomFor = (archives: ReadonlyArray<Archive>): number => {
  const missing = archives.filter(({ file }) => !existsSync(join(downloadsFolder(), file)))
  const sum = (numbers: ReadonlyArray<number>) => numbers.reduce((a, b) => a + b, 0)
  return sum(missing.map(({ bytes }) => bytes)) + sum(archives.map(({ unpacked }) => unpacked)) + 50e6
}

const install = (cuda: boolean, report: Report, steps: Array<Step>): Effect.Effect<Installation, InstallError> =>
  Effect.gen(function* () {
    const timed = timer(steps)
    const [wheel, script] = [cuda ? cudaWheel : cpuWheel, tfjs()]
    const parts = cuda ? cudaParts : []
    const archives = [script, nodeHeaders, wheel, ...parts]
    const { compiler } = yield* findTools
    yield* makeRoom(downloadsFolder(), roomFor(archives))

    yield* Effect.forEach(
      archives,
      (one) => timed(`${one.name} ${one.version}`, one.bytes, download(one, downloadsFolder(), report)),
      { concurrency: 3 },
    )
    const folder = yield* temporary(backendsFolder(), prefixes.building)
    const sources = yield* temporary(backendsFolder(), prefixes.building)
    const from = ({ file }: Archive, into: string, prefix: string, patterns: ReadonlyArray<string>) =>
      unpack({ archive: join(downloadsFolder(), file), into, prefix, patterns })
    const unpackAll = (some: ReadonlyArray<Archive>) =>
      Effect.forEach(some, (one) => from(one, folder, "", one.patterns ?? []), { discard: true })

    yield* Effect.all([
      from(script, join(sources, "tfjs"), "package/", ["package/binding/*"]),
      from(script, join(folder, "tfjs"), "package/", [
        "package/package.json",
        "package/dist/*.js",
        "!*_test.js",
        "!*/run_tests.js",
      ]),
      from(nodeHeaders, join(sources, "node"), "package/", ["package/include/*"]),
      from(wheel, sources, "", headers),
    ])
    report({ doing: "unpacking and building", what: "the library and its addon", bytes: wheel.unpacked })
    yield* Effect.all(
      [
        timed("build the addon", undefined, build(compiler, sources, folder)),
        timed("unpack the libraries", undefined, unpackAll([wheel, ...parts])),
      ],
      { concurrency: 2 },
    )
    const libraries = cuda ? cudaLibraries : []
    yield* attempt(folder, () => writeFile(join(folder, "libraries.txt"), libraries.map((one) => `${one}\n`).join("")))
    report({ doing: "testing", what: "a matrix product in a process of its own" })
    yield* timed("self-test", undefined, selfTest(folder, tensorflowVersion))
    const files = yield* attempt(folder, () => digestsIn(folder))
    const addon = addonDigest()
    const platform = `${process.platform}-${process.arch}`
    const record = { tensorflow: tensorflowVersion, tfjs: tfjsVersion(), platform, cuda, libraries, addon, files }
    yield* timed("write it down", undefined, place(folder, record))
    for (const { file } of archives)
      yield* attempt(downloadsFolder(), () => rm(join(downloadsFolder(), file), { force: true }))
    return record
  }).pipe(Effect.scoped)

/**
 * Makes sure that TensorFlow is installed for this user: takes what is there if every byte of it is right, else installs it anew,
 * beside it, and replaces it in one step once the self-test has passed. Killed, it goes on from the downloads that were complete.
 */
export const add = ({ cuda = false, report = () => {} }: Options = {}): Effect.Effect<Added, InstallError> =>
  Effect.gen(function* () {
    yield* checkSystem(thisSystem())
    const folder = tensorflowFolder()
    const steps: Array<Step> = []
    const body = Effect.gen(function* () {
      yield* clear
      const found = installation()
      const other = found === undefined ? undefined : yield* timer(steps)("verify", undefined, differs(found, cuda))
      const wasThere = found !== undefined && other === undefined
      if (other !== undefined) report({ doing: "replacing", what: `an installation that is ${other}` })
      const record = wasThere ? found : yield* install(cuda, report, steps)
      return { installation: record, folder, bytes: yield* attempt(folder, () => bytesIn(folder)), wasThere, steps }
    })
    const waiting = () => report({ doing: "waiting", what: "another process is installing or removing it" })
    yield* makeRoom(backendsFolder(), 0)
    return yield* alone(lockFile(), waiting, body)
  })
