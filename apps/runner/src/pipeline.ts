/** The pipeline of a command: its document, read and checked with its plugins and with what the command line changes. */
import { suggest } from "@relent/named"
import { loadPlugins, PluginUnusable } from "@relent/runtime"
import {
  type CheckedPipeline,
  parse,
  type PipelineDocument,
  type PluginEntry,
  read,
  readDocument,
  registry,
  setAt,
} from "@relent/stage"
import { Effect } from "effect"
import { type Arguments, text, texts } from "./command.ts"
import { Mistake, textOf } from "./mistake.ts"
import { isModule, openModule } from "./module.ts"
import { builtIn } from "./plugins.ts"

/** Sets `student.loss.kd.temperature` on a document: the first word is the step, the rest the parameter. */
export const setParameter = (
  document: PipelineDocument,
  target: string,
  value: unknown,
): Effect.Effect<PipelineDocument, Mistake> => {
  const [step = "", ...path] = target.split(".")
  const steps = Object.keys(document.stages)
  const found = steps.includes(step) ? document.stages[step] : undefined
  if (found === undefined)
    return Effect.fail(
      new Mistake({ message: `${target}: there is no step '${step}': ${suggest(step, steps, "step")}` }),
    )
  const parameters = path.length > 0 ? setAt(found.with ?? {}, path, value) : undefined
  return parameters === undefined
    ? Effect.fail(new Mistake({ message: `${target}: there is no parameter at '${path.join(".")}' to set` }))
    : Effect.succeed({ ...document, stages: { ...document.stages, [step]: { ...found, with: parameters } } })
}

/** A value as YAML, guarded as documents are. */
export const valueOf = (what: string, yaml: string): Effect.Effect<unknown, Mistake> =>
  parse(yaml).pipe(
    Effect.map((source) => source.value),
    Effect.mapError(
      ({ problems }) =>
        new Mistake({
          message: `${what}: ${problems[0]!.message}`,
          hint: "the value is YAML: 4, kl, [32, 32], {kd: {}}",
        }),
    ),
  )

/** `STAGE.PARAM=VALUE`, the value as YAML. */
const assign = (document: PipelineDocument, assignment: string) =>
  Effect.gen(function* () {
    const [, target, value] = /^([^=]+\.[^=]+)=(.*)$/s.exec(assignment) ?? []
    if (target === undefined || value === undefined)
      return yield* new Mistake({ message: `--set ${assignment}: is written --set STAGE.PARAM=VALUE` })
    return yield* setParameter(document, target, yield* valueOf(`--set ${assignment}`, value))
  })

/** `--seed`. */
const seedOf = (given: Arguments): Effect.Effect<number | undefined, Mistake> => {
  const seed = text(given, "seed")
  if (seed === undefined) return Effect.succeed(undefined)
  return /^-?\d+$/.test(seed) && Number.isSafeInteger(Number(seed))
    ? Effect.succeed(Number(seed))
    : Effect.fail(new Mistake({ message: `--seed ${seed}: a seed is a whole number below 2^53` }))
}

const edited = (document: PipelineDocument, given: Arguments) =>
  Effect.gen(function* () {
    const seed = yield* seedOf(given)
    let next: PipelineDocument = seed === undefined ? document : { ...document, seed }
    for (const assignment of texts(given, "set")) next = yield* assign(next, assignment)
    return next
  })

export interface Opened {
  readonly checked: CheckedPipeline
  readonly plugins: ReadonlyArray<PluginEntry>
}

/** Reads and checks a document, with its plugins and after `edit`. */
export const openDocument = <E>(
  file: string,
  allow: ReadonlyArray<string>,
  edit: (document: PipelineDocument) => Effect.Effect<PipelineDocument, E>,
) =>
  Effect.gen(function* () {
    const source = yield* textOf(file, "a pipeline is a YAML document; relent new pipeline NAME writes one")
    const document = yield* readDocument(source, file)
    const { position } = yield* parse(source, file)
    const names = document.plugins ?? []
    const placed = (error: PluginUnusable) => error.at(file, position(["plugins", names.indexOf(error.plugin)]))
    const plugins = yield* loadPlugins(names, file, builtIn, allow).pipe(Effect.mapError(placed))
    const next = yield* edit(document)
    const checked = yield* read(source, { file, edit: () => next }).pipe(Effect.provide(registry(plugins)))
    return { checked, plugins, document: next } satisfies Opened & { readonly document: PipelineDocument }
  })

/** The pipeline of `run` and `plan`, with `--set` and `--seed`: a document, or a module that exports one. */
export const openPipeline = (file: string, given: Arguments) =>
  Effect.gen(function* () {
    if (isModule(file)) return yield* openModule(file, given, yield* seedOf(given))
    const { checked } = yield* openDocument(file, texts(given, "allow"), (document) => edited(document, given))
    return checked
  })

/** The plugins that come with relent, and those of `--plugin`. */
export const pluginsOf = (given: Arguments) =>
  loadPlugins(
    texts(given, "plugin").map((name) => (/\.[cm]?[jt]s$/.test(name) && !/^[./]/.test(name) ? `./${name}` : name)),
    undefined,
    builtIn,
  )
