/** Declared files of a stage: found, digested, and read. */
import { createHash } from "node:crypto"
import { createReadStream, readFileSync, statSync } from "node:fs"
import { readFile, realpath } from "node:fs/promises"
import { findPackageJSON } from "node:module"
import { dirname, isAbsolute, relative, resolve, sep } from "node:path"
import { type SourceFile, type SourceLocation, StageError } from "@relent/stage"
import { Effect } from "effect"
import { SourceUnreadable } from "./error.ts"
import { small } from "./store/files.ts"

/** Where a pipeline may read files: relative paths start at the first. */
export type Roots = readonly [string, ...ReadonlyArray<string>]

/** Folders a pipeline may read: its document's, the working folder, and what is allowed. */
export const rootsOf = (file: string | undefined, allow: ReadonlyArray<string> = []): Roots => [
  file === undefined ? process.cwd() : dirname(resolve(file)),
  process.cwd(),
  ...allow.map((folder) => resolve(folder)),
]

const inside = (root: string, path: string) => {
  const way = relative(root, path)
  return way === "" || (way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way))
}

/** Whether a file, links followed, lies in one of the roots. */
export const isWithin = async (roots: Roots, path: string): Promise<boolean> => {
  const folders = await Promise.all(roots.map((root) => realpath(root).catch(() => root)))
  return folders.some((root) => inside(root, path))
}

const code = (error: unknown) => (error as { code?: string }).code ?? String(error)

const located = (location: SourceLocation, module: string, roots: Roots) =>
  Effect.tryPromise({
    try: async () => {
      if ("package" in location) {
        const manifest = findPackageJSON(location.package, module)! // throws where there is no such package
        return realpath(resolve(dirname(manifest), location.file))
      }
      return realpath(resolve(roots[0], location.path))
    },
    catch: (error) =>
      new SourceUnreadable({
        path: "package" in location ? `${location.package}/${location.file}` : location.path,
        reason: code(error) === "ENOENT" ? "there is no such file" : `can't be read (${code(error)})`,
        hint:
          "package" in location ? `install the package '${location.package}'` : "give a path relative to the document",
      }),
  })

const digestOf = (path: string) =>
  Effect.tryPromise({
    try: async () => {
      const hash = createHash("sha256")
      if (statSync(path).size <= small) hash.update(readFileSync(path))
      else for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array)
      return hash.digest("hex")
    },
    catch: (error) =>
      new SourceUnreadable({ path, reason: `can't be read (${code(error)})`, hint: "give a file you may read" }),
  })

/** Finds a declared file and digests it. A path of the user's must lie inside the roots, links followed. */
export const openSource = (
  location: SourceLocation,
  module: string,
  roots: Roots,
): Effect.Effect<SourceFile, SourceUnreadable> =>
  Effect.gen(function* () {
    const path = yield* located(location, module, roots)
    if ("path" in location && !(yield* Effect.promise(() => isWithin(roots, path))))
      return yield* new SourceUnreadable({
        path: location.path,
        reason: "lies outside the folders this pipeline may read",
        hint: `allow it with --allow ${dirname(path)}`,
      })
    const digest = yield* digestOf(path)
    const bytes = Effect.tryPromise({
      try: () => readFile(path),
      catch: (error) => new StageError({ message: `${path} can't be read (${code(error)})` }),
    }).pipe(
      Effect.filterOrFail(
        (read) => createHash("sha256").update(read).digest("hex") === digest,
        () => new StageError({ message: `${path} changed while the pipeline ran`, hint: "run again" }),
      ),
    )
    return { path, digest, bytes }
  })
