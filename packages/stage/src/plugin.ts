/** Plugins: a table of contents. What it names is imported when it is first asked for. */
import type { Named } from "@relent/named"
import type { AnyStage } from "./stage.ts"

/** A promise of a module's export, so that adding a stage to an index changes no other stage. */
export type Lazy<A> = () => Promise<A>

export interface Plugin {
  readonly name: string
  /** One line, for `relent stages`. */
  readonly title: string
  /** `import.meta.url` of the index; suites are found beside it. */
  readonly module: string
  readonly stages: { readonly [stage: string]: Lazy<AnyStage> }
  /** Divergences, losses, rewards. A user's own file may be a plugin that has only these. */
  readonly values: Lazy<ReadonlyArray<Named<unknown>>>
  /** Paths of suite documents, relative to the package. */
  readonly suites: ReadonlyArray<string>
}

/** An installed plugin that isn't imported yet. */
export interface PluginEntry {
  readonly name: string
  readonly load: Lazy<Plugin>
}

type Owned<Name extends string> = `${Name}/${string}`

export const Plugin = {
  /** A plugin. A stage's key is its id without the plugin's name: `"distil": () => import("./distil.ts").then((m) => m.distil)`. */
  make: <const Name extends string>(
    name: Name,
    contents: {
      readonly title: string
      readonly module: string
      readonly stages?: { readonly [stage: string]: Lazy<AnyStage & { readonly id: Owned<NoInfer<Name>> }> }
      readonly values?: Lazy<ReadonlyArray<Named<unknown> & { readonly name: Owned<NoInfer<Name>> }>>
      readonly suites?: ReadonlyArray<string>
    },
  ): Plugin => ({ name, stages: {}, values: () => Promise.resolve([]), suites: [], ...contents }),

  /** A plugin that is there without an import: its own entry. */
  entry: (plugin: Plugin): PluginEntry => ({ name: plugin.name, load: () => Promise.resolve(plugin) }),
}
