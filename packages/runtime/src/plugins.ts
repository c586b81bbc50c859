/** The plugins that a document names: npm packages, or TypeScript files beside it. */
import { createRequire } from "node:module"
import { dirname, resolve } from "node:path"
import { pathToFileURL } from "node:url"
import { Plugin, type PluginEntry } from "@relent/stage"
import { Effect } from "effect"
import { PluginUnusable } from "./error.ts"

const isPath = (name: string) => name.startsWith("./") || name.startsWith("../") || name.startsWith("/")

const isPlugin = (value: unknown): value is Plugin =>
  typeof value === "object" && value !== null && "stages" in value && "values" in value && "name" in value

/** Where the plugin's module lies: a file beside the document, or a package found from there. */
const locate = (name: string, folder: string): string =>
  isPath(name) ? resolve(folder, name) : createRequire(resolve(folder, "relent.js")).resolve(name)

const load = (name: string, folder: string): Effect.Effect<PluginEntry, PluginUnusable> =>
  Effect.tryPromise({
    try: async () => (await import(pathToFileURL(locate(name, folder)).href)) as { readonly plugin?: unknown },
    catch: (error) =>
      new PluginUnusable({
        plugin: name,
        reason: `can't be imported: ${error instanceof Error ? error.message.split("\n")[0] : String(error)}`,
        hint: isPath(name) ? "paths are relative to the document" : `install it: npm install ${name}`,
      }),
  }).pipe(
    Effect.flatMap(({ plugin }) =>
      isPlugin(plugin)
        ? Effect.succeed(Plugin.entry(plugin))
        : Effect.fail(
            new PluginUnusable({
              plugin: name,
              reason: "has no export named 'plugin'",
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
): Effect.Effect<ReadonlyArray<PluginEntry>, PluginUnusable> => {
  const folder = file === undefined ? process.cwd() : dirname(resolve(file))
  return Effect.map(
    Effect.forEach(
      [...new Set(names)].filter((name) => !known.has(name)),
      (name) => load(name, folder),
    ),
    (loaded) => [...known.values(), ...loaded],
  )
}
