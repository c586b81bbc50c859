/** A pipeline that is written in TypeScript: the one that a module exports. */
import { realpathSync } from "node:fs"
import { basename, dirname, resolve } from "node:path"
import { pathToFileURL } from "node:url"
import { importFailure, loadPlugins } from "@relent/runtime"
import { check, type CheckedPipeline, type Pipeline, registry } from "@relent/stage"
import { Effect } from "effect"
import { type Arguments, texts } from "./command.ts"
import { Mistake } from "./mistake.ts"
import { builtIn } from "./plugins.ts"

/** Whether a file named on the command line is code rather than a document. */
export const isModule = (file: string): boolean => /\.[cm]?[jt]s$/.test(file)

const isPipeline = (value: unknown): value is Pipeline => {
  const { name, seed, steps, outputs } = (value ?? {}) as Partial<Pipeline>
  return typeof name === "string" && typeof seed === "number" && Array.isArray(steps) && typeof outputs === "object"
}

const exportsOf = (file: string): Effect.Effect<Readonly<Record<string, unknown>>, Mistake> =>
  Effect.tryPromise({
    // By the path with links followed: an installed package may hold no TypeScript, and a link to one does.
    try: () => import(pathToFileURL(realpathSync(file)).href) as Promise<Record<string, unknown>>,
    catch: (error) => new Mistake({ message: `${file} can't be imported: ${importFailure(error)}` }),
  })

/** Imports and checks the one pipeline of a module; a plugin that it exports besides belongs to it. */
export const openModule = (file: string, given: Arguments, seed: number | undefined) =>
  Effect.gen(function* () {
    const [set] = texts(given, "set")
    if (set !== undefined)
      return yield* new Mistake({
        message: `--set ${set}: parameters of a pipeline in TypeScript are in its code`,
        hint: "--set is for documents",
      })
    const found = yield* exportsOf(file)
    const pipelines = Object.entries(found).filter(([, value]) => isPipeline(value))
    const [only] = pipelines
    if (only === undefined || pipelines.length > 1)
      return yield* new Mistake({
        message: `${file}: exports ${pipelines.length === 0 ? "no pipeline" : `${pipelines.length} pipelines: ${pipelines.map(([name]) => name).join(", ")}`}`,
        hint: "export const moons = Pipeline.make({ name, seed, outputs }), one a file",
      })
    const own = "plugin" in found ? [`./${basename(file)}`] : []
    const plugins = yield* loadPlugins(own, resolve(file), builtIn, [dirname(resolve(file))])
    const pipeline = only[1] as Pipeline
    const checked = yield* check(seed === undefined ? pipeline : { ...pipeline, seed }).pipe(
      Effect.provide(registry(plugins)),
    )
    return { ...checked, file } satisfies CheckedPipeline
  })
