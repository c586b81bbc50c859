/** The plugins that a document names: npm packages, or TypeScript files beside it. */
import { realpath } from "node:fs/promises"
import { createRequire } from "node:module"
import { dirname, relative, resolve } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { Plugin, type PluginEntry } from "@relent/stage"
import { Effect } from "effect"
import { PluginUnusable } from "./error.ts"
import { isWithin, type Roots, rootsOf } from "./sources.ts"

const isPath = (name: string) => name.startsWith("./") || name.startsWith("../") || name.startsWith("/")

const isRecordOfFunctions = (value: unknown) =>
  typeof value === "object" && value !== null && Object.values(value).every((f) => typeof f === "function")

const isPlugin = (value: unknown): value is Plugin => {
  const { name, stages, values, suites } = (value ?? {}) as Partial<Record<keyof Plugin, unknown>>
  const isNamed = typeof name === "string" && /^[^/]+$/.test(name)
  return isNamed && isRecordOfFunctions(stages) && typeof values === "function" && Array.isArray(suites)
}

/** Where in the user's code an error was thrown, or its syntax is wrong: ` (mine.ts:3:7)`. */
const thrownAt = (error: Error): string => {
  const frame = /(?:^|\()(\/.+?|file:\/\/\S+?):(\d+(?::\d+)?)\)?$|at (file:\/\/\S+?):(\d+(?::\d+)?)$/m.exec(
    error.stack ?? "",
  )
  const [place, line] = [frame?.[1] ?? frame?.[3], frame?.[2] ?? frame?.[4]]
  if (place === undefined || place.includes("/node_modules/")) return ""
  return ` (${relative(process.cwd(), place.startsWith("file:") ? fileURLToPath(place) : place)}:${line})`
}

/** Why a module of the user's can't be imported, and where in it. */
export const importFailure = (error: unknown): string => {
  if ((error as { code?: string } | undefined)?.code === "ENOENT") return "there is no such file"
  return error instanceof Error ? `${error.message.split("\n")[0]}${thrownAt(error)}` : String(error)
}

const hintFor = (name: string, error: unknown): string => {
  const { code, message = "" } = (error ?? {}) as { code?: string; message?: string }
  const missing = /Cannot find package '([^']+)'/.exec(message)
  if (missing !== null) return `install what it imports: npm install ${missing[1]}`
  if (!isPath(name)) return `install it: npm install ${name}`
  if (code === "ENOENT") return "paths are relative to the document"
  return code === "ERR_MODULE_NOT_FOUND" ? "look at its imports" : "mend the file"
}

const unimportable = (name: string) => (error: unknown) => {
  if (error instanceof PluginUnusable) return error
  return new PluginUnusable({
    plugin: name,
    reason: `can't be imported: ${importFailure(error)}`,
    hint: hintFor(name, error),
  })
}

/** Where the plugin's module lies: a file beside the document, or a package found from there. */
const locate = async (name: string, roots: Roots): Promise<string> => {
  if (!isPath(name)) return createRequire(resolve(roots[0], "relent.js")).resolve(name)
  const path = await realpath(resolve(roots[0], name))
  if (await isWithin(roots, path)) return path
  throw new PluginUnusable({
    plugin: name,
    reason: "lies outside the folders this pipeline may read",
    hint: `allow it with --allow ${dirname(path)}`,
  })
}

const load = (name: string, roots: Roots): Effect.Effect<PluginEntry, PluginUnusable> =>
  Effect.tryPromise({
    try: async () => (await import(pathToFileURL(await locate(name, roots)).href)) as { readonly plugin?: unknown },
    catch: unimportable(name),
  }).pipe(
    Effect.flatMap(({ plugin }) =>
      isPlugin(plugin)
        ? Effect.succeed(Plugin.entry(plugin))
        : Effect.fail(
            new PluginUnusable({
              plugin: name,
              reason: plugin === undefined ? "has no export named 'plugin'" : "exports something else as 'plugin'",
              hint: 'export const plugin = Plugin.make("name", { ... })',
            }),
          ),
    ),
  )

/** Imports the plugins of a document; those in `known` (by package name) are taken from there. */
export const loadPlugins = (
  names: ReadonlyArray<string>,
  file: string | undefined,
  known: ReadonlyMap<string, PluginEntry>,
  allow: ReadonlyArray<string> = [],
): Effect.Effect<ReadonlyArray<PluginEntry>, PluginUnusable> =>
  Effect.gen(function* () {
    const entries = [...known.values()]
    for (const name of new Set(names)) {
      if (known.has(name)) continue
      const entry = yield* load(name, rootsOf(file, allow))
      if (entries.some((e) => e.name === entry.name))
        return yield* new PluginUnusable({
          plugin: name,
          reason: `is named '${entry.name}', as another plugin is`,
          hint: "give it a name of its own",
        })
      entries.push(entry)
    }
    return entries
  })
