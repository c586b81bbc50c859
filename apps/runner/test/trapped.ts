/** Stages that run in traps: what they touch besides what they are given is told. */
import { type AnyStage, type PluginEntry, type SourceFile, Plugin, stack } from "@relent/stage"
import { Effect, References, Tracer } from "effect"
import { as, type Stay } from "./traps.ts"

const evaluate = "~effect/Effect/evaluate"
/** Everything that a fibre does it does as somebody: the tracer stands around each of its steps. */
const tracerOf = (who: Stay | undefined): Tracer.Tracer => ({
  span: (options) => new Tracer.NativeSpan(options),
  context: (primitive, fiber) => as(who, () => primitive[evaluate](fiber)),
})
const doAs = (who: Stay | undefined) => {
  const tracer = tracerOf(who)
  return <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    effect.pipe(
      Effect.provideService(Tracer.Tracer, tracer),
      Effect.provideService(References.TracerTimingEnabled, false), // else spans read the clock
    )
}
/** Not as a stage. */
export const free = doAs(undefined)

/** Stages that drew. */
export const drew = new Set<string>()

const mapValues = <A, B>(values: Readonly<Record<string, A>>, f: (value: A) => B): Readonly<Record<string, B>> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, f(value)]))

/** What the runtime does for a stage is no deed of the stage. */
const served = (context: any, id: string) => ({
  ...context,
  sources: mapValues(context.sources as Readonly<Record<string, SourceFile>>, (one) => ({
    ...one,
    bytes: free(one.bytes),
  })),
  random: (...purpose: ReadonlyArray<unknown>) => (drew.add(id), context.random(...purpose)),
  emit: (row: unknown) => free(Effect.suspend(() => context.emit(row))),
  progress: (done: number, total: number) => free(Effect.suspend(() => context.progress(done, total))),
  warn: (message: string) => free(Effect.suspend(() => context.warn(message))),
  checkpoint: {
    load: free(context.checkpoint.load),
    save: (checkpoint: unknown) => free(Effect.suspend(() => context.checkpoint.save(checkpoint))),
  },
})

export const trapped = (stage: AnyStage): AnyStage => ({
  ...stage,
  run: (context) => {
    const sources = Object.values(context.sources as Readonly<Record<string, SourceFile>>)
    const who = { stage: stage.id, files: new Set(sources.map(({ path }) => path)) }
    return doAs(who)(Effect.suspend(() => stage.run(served(context, stage.id))))
  },
})

/** A plugin whose stages run in traps. */
export const trappedEntry = ({ name, load }: PluginEntry): PluginEntry => ({
  name,
  load: async () => {
    const plugin = await load()
    return { ...plugin, stages: mapValues(plugin.stages, (stage) => async () => trapped(await stage())) }
  },
})

/** What comes with every registry. */
export const trappedParts: PluginEntry = Plugin.entry({
  name: "relent",
  title: "",
  module: import.meta.url,
  stages: { collect: () => Promise.resolve(trapped(stack)) },
  values: () => Promise.resolve([]),
  suites: [],
})
