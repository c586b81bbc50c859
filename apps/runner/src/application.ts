/** What commands run on: the store, the plugins, the backend; and how they end. */
import { existsSync, readFileSync } from "node:fs"
import type { Names } from "@relent/named"
import { loadPlugins, type Resource, Resources, Store } from "@relent/runtime"
import {
  type CheckedPipeline,
  PipelineInvalid,
  type PipelineDocument,
  type PluginEntry,
  read,
  readDocument,
  registry,
  setAt,
  type Stages,
} from "@relent/stage"
import { Cause, Data, Effect, Exit, Fiber, Layer } from "effect"
import { parse } from "yaml"
import { type Arguments, exitCode, text, texts } from "./command.ts"
import { builtIn } from "./plugins.ts"

/** A mistake in what was given on the command line. */
export class Mistake extends Data.TaggedError("Mistake")<{ readonly message: string; readonly hint?: string }> {}

export const storeFolder = (given: Arguments): string => text(given, "store") ?? ".relent"

/** The tensor backend, opened when a stage first asks for it. */
const backendResource = (name: string): Resource => {
  const opened = Effect.promise(() => import("@relent/tensor"))
  const layer = Effect.flatMap(opened, ({ Backend }) =>
    name === "wasm" || name === "cpu"
      ? Effect.succeed(Backend[name])
      : Effect.fail({ message: `there is no backend '${name}'`, hint: "relent backends lists what is there" }),
  )
  return {
    numerics: Effect.gen(function* () {
      const { Backend } = yield* opened
      return yield* Backend.use((b) => Effect.succeed(b.numerics)).pipe(Effect.provide(yield* layer))
    }),
    use: <A, E>(stage: Effect.Effect<A, E, any>) =>
      Effect.gen(function* () {
        const { Backend } = yield* opened
        return yield* Backend.use((b) => b.run(stage)).pipe(Effect.provide(yield* layer))
      }) as Effect.Effect<A, E | { readonly message: string }>,
  }
}

export const application = (given: Arguments, plugins: ReadonlyArray<PluginEntry> = [...builtIn.values()]) =>
  Layer.mergeAll(
    Store.layer(storeFolder(given)),
    Layer.succeed(Resources, { backend: backendResource(text(given, "backend") ?? "wasm") }),
    registry(plugins),
  )

/** Sets `student.loss.kd.temperature` on a document: the first word is the step, the rest the parameter. */
export const setParameter = (
  document: PipelineDocument,
  target: string,
  value: unknown,
): PipelineDocument | Mistake => {
  const [step = "", ...path] = target.split(".")
  const found = document.stages[step]
  if (found === undefined)
    return new Mistake({
      message: `${target}: there is no step '${step}'`,
      hint: `there is ${Object.keys(document.stages).join(", ")}`,
    })
  const parameters = path.length > 0 ? setAt(found.with ?? {}, path, value) : undefined
  return parameters === undefined
    ? new Mistake({ message: `${target}: there is no parameter at '${path.join(".")}' to set` })
    : { ...document, stages: { ...document.stages, [step]: { ...found, with: parameters } } }
}

/** `STAGE.PARAM=VALUE`, the value as YAML. */
const assign = (document: PipelineDocument, assignment: string): PipelineDocument | Mistake => {
  const [, target, value] = /^([^=]+\.[^=]+)=(.*)$/s.exec(assignment) ?? []
  return target === undefined || value === undefined
    ? new Mistake({ message: `--set ${assignment}: is written --set STAGE.PARAM=VALUE` })
    : setParameter(document, target, parse(value))
}

const edited = (document: PipelineDocument, given: Arguments): PipelineDocument | Mistake => {
  const seed = text(given, "seed")
  if (seed !== undefined && !/^-?\d+$/.test(seed))
    return new Mistake({ message: `--seed ${seed}: a seed is a whole number` })
  let next: PipelineDocument = seed === undefined ? document : { ...document, seed: Number(seed) }
  for (const assignment of texts(given, "set")) {
    const set = assign(next, assignment)
    if (set instanceof Mistake) return set
    next = set
  }
  return next
}

export interface Opened {
  readonly checked: CheckedPipeline
  readonly plugins: ReadonlyArray<PluginEntry>
}

/** Reads and checks the document of a command, with its plugins and overrides. */
export const openPipeline = (file: string, given: Arguments) =>
  Effect.gen(function* () {
    if (!existsSync(file))
      return yield* new Mistake({ message: `${file}: there is no such file`, hint: "a pipeline is a YAML document" })
    const source = readFileSync(file, "utf8")
    const document = yield* readDocument(source, file)
    const plugins = yield* loadPlugins(document.plugins ?? [], file, builtIn)
    const next = edited(document, given)
    if (next instanceof Mistake) return yield* next
    const checked = yield* read(source, { file, edit: () => next }).pipe(Effect.provide(registry(plugins)))
    return { checked, plugins } satisfies Opened
  })

const isUserError = (
  error: unknown,
): error is { readonly _tag: string; readonly message: string; readonly hint?: string } =>
  typeof error === "object" && error !== null && "_tag" in error && "message" in error

const stageErrors = new Set(["StepFailed", "NotReproduced"])

/** Says in one place what went wrong and what to do, and gives the exit code. */
const end = (exit: Exit.Exit<number | void, unknown>, resume: string | undefined): number => {
  if (Exit.isSuccess(exit)) return exit.value ?? exitCode.done
  if (Cause.hasInterruptsOnly(exit.cause)) {
    console.error(resume === undefined ? "\nInterrupted." : `\nInterrupted. Nothing is lost; go on with:\n  ${resume}`)
    return exitCode.interrupted
  }
  const error = Cause.squash(exit.cause)
  if (!Cause.hasFails(exit.cause) || !isUserError(error)) throw error
  const isStage = stageErrors.has(error._tag)
  console.error(`${isStage ? "\n" : ""}${error.message}`)
  if (error.hint !== undefined) console.error(`  ${error.hint}`)
  if (error instanceof PipelineInvalid)
    console.error(`  ${error.problems.length} problem${error.problems.length > 1 ? "s" : ""}; nothing was run`)
  if (isStage && resume !== undefined) console.error(`What was finished is kept; go on with:\n  ${resume}`)
  return isStage ? exitCode.stage : exitCode.user
}

/** Runs a command's effect. Ctrl-C interrupts it, a second one ends the process. `resume` is the command that goes on. */
export const perform = async <E>(
  effect: Effect.Effect<number | void, E, Stages | Names | Store | Resources>,
  given: Arguments,
  options: { readonly resume?: string; readonly plugins?: ReadonlyArray<PluginEntry> } = {},
): Promise<number> => {
  let fiber: Fiber.Fiber<number | void, unknown> | undefined
  let isStopping = false
  const stop = () => {
    if (isStopping) process.exit(exitCode.interrupted)
    isStopping = true
    if (fiber) Effect.runFork(Fiber.interrupt(fiber))
  }
  // Before the fibre starts: it runs on the spot until it first waits.
  process.on("SIGINT", stop)
  process.on("SIGTERM", stop)
  fiber = Effect.runFork(Effect.provide(effect, application(given, options.plugins)))
  const exit = await Effect.runPromise(Fiber.await(fiber))
  process.removeListener("SIGINT", stop)
  process.removeListener("SIGTERM", stop)
  return end(exit, options.resume)
}
