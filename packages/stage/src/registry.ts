/** The registry: finds stages and named values in plugins, importing a plugin when one of its names is first asked for. */
import { isNamed, type Named, Names, suggest } from "@relent/named"
import { Context, Effect, Layer } from "effect"
import { type Plugin, type PluginEntry, Plugin as Plugins } from "./plugin.ts"
import { type AnyStage } from "./stage.ts"
import { stack } from "./sweep.ts"

/** Finds a stage by its id; the failure is the end of a sentence about the name. */
export class Stages extends Context.Service<
  Stages,
  {
    readonly find: (id: string) => Effect.Effect<AnyStage, string>
    readonly plugins: Effect.Effect<ReadonlyArray<Plugin>, string>
  }
>()("relent/Stages") {}

const message = (error: unknown) => (error instanceof Error ? error.message : String(error))

const imported = <A>(load: () => Promise<A>, what: string): Effect.Effect<A, string> =>
  Effect.tryPromise({ try: async () => load(), catch: (error) => `${what} can't be imported: ${message(error)}` })

/** A plugin is code of anybody's: what it gives as a stage may be something else. */
const asStage = (found: unknown, id: string): Effect.Effect<AnyStage, string> => {
  const { id: own, definition, run } = (found ?? {}) as Partial<AnyStage>
  if (typeof own !== "string" || typeof run !== "function" || typeof definition?.outputs !== "object")
    return Effect.fail(`'${id}' is no stage in its plugin: write Stage.make("${id}", { ... })`)
  return own === id ? Effect.succeed(found as AnyStage) : Effect.fail(`'${id}' calls itself '${own}' in Stage.make`)
}

/** The stages that belong to no family: `relent/collect`. */
const relent = Plugins.make("relent", {
  title: "Parts of every pipeline",
  module: import.meta.url,
  stages: { collect: () => Promise.resolve(stack) },
})

/** A registry of these plugins. */
export const registry = (entries: ReadonlyArray<PluginEntry>): Layer.Layer<Stages | Names> => {
  const known = [...entries, Plugins.entry(relent)]
  const plugin = (name: string): Effect.Effect<Plugin, string> => {
    const prefix = name.slice(0, Math.max(0, name.indexOf("/")))
    if (prefix === "") return Effect.fail(`'${name}' is unknown: a full name is written plugin/name`)
    const entry = known.find((e) => e.name === prefix)
    if (entry === undefined)
      return Effect.fail(
        `'${name}' is unknown: ${suggest(
          prefix,
          known.map((e) => e.name),
          "plugin",
        )}`,
      )
    return imported(entry.load, `plugin '${prefix}'`)
  }
  const find = (id: string) =>
    Effect.flatMap(plugin(id), (found): Effect.Effect<AnyStage, string> => {
      const key = id.slice(id.indexOf("/") + 1)
      const load = Object.hasOwn(found.stages, key) ? found.stages[key] : undefined
      const all = Object.keys(found.stages).map((stage) => `${found.name}/${stage}`)
      return load
        ? Effect.flatMap(imported(load, `stage '${id}'`), (stage) => asStage(stage, id))
        : Effect.fail(`'${id}' is unknown: ${suggest(id, all, "stage")}`)
    })
  const value = (kind: string, name: string) =>
    Effect.flatMap(plugin(name), (found) =>
      Effect.flatMap(
        imported(found.values, `the values of '${found.name}'`),
        (values): Effect.Effect<Named<unknown>, string> => {
          const all = [values].flat().filter((v) => isNamed(v) && v.kind === kind)
          const one = all.find((v) => v.name === name)
          return one
            ? Effect.succeed(one)
            : Effect.fail(
                `'${name}' is unknown: ${suggest(
                  name,
                  all.map((v) => v.name),
                  kind,
                )}`,
              )
        },
      ),
    )
  return Layer.merge(
    Layer.succeed(Stages, { find, plugins: Effect.forEach(entries, (e) => imported(e.load, `plugin '${e.name}'`)) }),
    Layer.succeed(Names, { find: value }),
  )
}
