/** Downloads by the clients that know this machine's registries and proxies; a complete file is kept until the installation succeeds. */
import { existsSync } from "node:fs"
import { mkdtemp, rename, rm, stat } from "node:fs/promises"
import { join } from "node:path"
import { Effect, type Scope } from "effect"
import type { Archive } from "./archives.ts"
import { lastWords, run } from "./child.ts"
import { digestOf } from "./digests.ts"
import { CacheUnusable, DownloadDamaged, DownloadFailed } from "./error.ts"
import type { Report } from "./report.ts"

/** A folder for a while, beside what it becomes: removed when its scope ends. */
export const temporary = (folder: string, prefix: string): Effect.Effect<string, CacheUnusable, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.tryPromise({
      try: () => mkdtemp(join(folder, prefix)),
      catch: (cause) => CacheUnusable.of(folder, cause),
    }),
    (path) => Effect.promise(() => rm(path, { recursive: true, force: true })),
  )

const commands = {
  npm: ({ name, version }: Archive, folder: string) =>
    run("npm", ["pack", `${name}@${version}`, "--pack-destination", folder, "--ignore-scripts", "--loglevel=error"], {
      cwd: folder, // not the project that this is called in
    }),
  pip: ({ name, version, abi, platform }: Archive, folder: string) => {
    const tags = ["--implementation", "cp", "--python-version", "3.12", ...(abi === undefined ? [] : ["--abi", abi])]
    const words = ["--no-deps", "--only-binary=:all:", "--no-cache-dir", "--disable-pip-version-check", "--no-input"]
    const platforms = (platform ?? "any").split(".").flatMap((one) => ["--platform", one])
    return run(
      "python3",
      ["-m", "pip", "download", "--quiet", ...words, ...tags, ...platforms, "--dest", folder, `${name}==${version}`],
      // What isn't complete yet is on the same disk, and goes with the folder.
      { cwd: folder, env: { TMPDIR: folder } },
    )
  },
}

const isGood = ({ bytes, digest }: Archive, path: string): Effect.Effect<boolean, CacheUnusable> =>
  Effect.tryPromise({
    try: async () => existsSync(path) && (await stat(path)).size === bytes && (await digestOf(path)) === digest,
    catch: (cause) => CacheUnusable.of(path, cause),
  })

/** Fetches the file into the folder; one that is there and good is taken as it is, any other is fetched again. */
export const download = (
  one: Archive,
  folder: string,
  report: Report,
): Effect.Effect<string, CacheUnusable | DownloadFailed | DownloadDamaged> =>
  Effect.gen(function* () {
    const { client, name, version, file, bytes } = one
    const what = `${name} ${version}`
    const path = join(folder, file)
    const isKept = existsSync(path)
    if (yield* isGood(one, path)) {
      report({ doing: "kept", what, bytes })
      return path
    }
    report({ doing: isKept ? "damaged, downloading again" : "downloading", what, bytes })
    const partial = yield* temporary(folder, ".partial-")
    const ended = yield* commands[client](one, partial)
    const came = join(partial, file)
    if (ended?.code !== 0 || !existsSync(came)) {
      const said = ended === undefined ? "there is no such program" : lastWords(ended)
      return yield* new DownloadFailed({ what, client, said: ended?.code === 0 ? `it gave no ${file}` : said })
    }
    const [found] = yield* Effect.tryPromise({
      try: async () => {
        const digest = await digestOf(came)
        if (digest === one.digest) await rename(came, path)
        else await rm(path, { force: true })
        return [digest] as const
      },
      catch: (cause) => CacheUnusable.of(path, cause),
    })
    if (found !== one.digest) return yield* new DownloadDamaged({ what, expected: one.digest, found })
    return path
  }).pipe(Effect.scoped)
