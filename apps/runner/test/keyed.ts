/** The keys of a stage's steps, without computing any: every step finds its result in a store that has whatever is asked for. */
import { sha256, TableSchema } from "@relent/arrow"
import { Count, orElse } from "@relent/named"
import { type Manifest, type Resource, Resources, run, Store } from "@relent/runtime"
import { type AnyStage, type InputPort, Plugin, read, registry, Stage, type StepDocument } from "@relent/stage"
import { Effect, Layer } from "effect"
import { builtIn } from "../src/plugins.ts"

/** For each key a result of its own, with every output that a step may read. */
const full = Layer.succeed(Store, {
  take: (key: string) =>
    Effect.succeed({
      key,
      milliseconds: 0,
      outputs: new Proxy({}, { get: (_, port) => ({ digest: sha256(`${key} ${String(port)}`), rows: 0 }) }),
    }),
  beginRun: () => Effect.succeed({ run: "keys", begin: 0 }),
  endRun: () => Effect.void,
  writeManifest: () => Effect.void,
} as never)

const backend = (numerics: string): Resource => ({
  numerics: Effect.succeed(numerics),
  use: () => Effect.die(new Error("a stage is computed")),
  offers: () => Effect.void,
})

/** What an input wants of one table. */
const wanted = (port: InputPort): InputPort => ("port" in port && port.port !== "any" ? wanted(port.of) : port)

/** A stage whose one table fits an input; which table it is, is its parameter. */
const giverOf = (id: `given/${string}`, port: InputPort): AnyStage => {
  const one = wanted(port)
  return Stage.make(id, {
    module: import.meta.url,
    title: "A table",
    parameters: { which: orElse(Count, 1) },
    outputs: {
      table: "port" in one ? TableSchema.make("given", 1, (one as { readonly need: {} }).need) : (one as never),
    },
    *run() {
      throw new Error("a stage is computed")
    },
  })
}

export const inputsOf = ({ definition }: AnyStage): ReadonlyArray<readonly [string, InputPort]> =>
  Object.entries((definition.inputs ?? {}) as Readonly<Record<string, InputPort>>)

/** Two tables for each input: references `data-1.table` and `data-2.table`. */
const givers = (stage: AnyStage) => {
  const stages = inputsOf(stage).map(([name, port]) => [name, giverOf(`given/${name}`, port)] as const)
  const steps = stages.flatMap(([name, { id }]) =>
    [1, 2].map((which) => [`${name}-${which}`, { stage: id, with: { which } }] as const),
  )
  const plugin = Plugin.make("given", {
    title: "Tables",
    module: import.meta.url,
    stages: Object.fromEntries(stages.map(([name, giver]) => [name, () => Promise.resolve(giver as never)])),
  })
  return { plugin, steps: Object.fromEntries(steps) }
}

/** Every input given, one that takes several tables two; what optional ones need may be left out. */
export const allInputs = (stage: AnyStage): Readonly<Record<string, string | ReadonlyArray<string>>> =>
  Object.fromEntries(
    inputsOf(stage).map(([name, port]) => [
      name,
      "port" in port && port.port === "many" ? [`${name}-1.table`, `${name}-2.table`] : `${name}-1.table`,
    ]),
  )

export type Keyed = Manifest["steps"][number]

export interface Setting {
  /** The document's: beside it the stage finds its files. */
  readonly file: string
  readonly seed?: number
  readonly numerics?: string
}

/** One step after the other. They share a stream, unless they have another. */
export const keyed = (
  stage: AnyStage,
  steps: ReadonlyArray<Partial<StepDocument>>,
  { file, seed = 1, numerics = "bits" }: Setting,
): Promise<ReadonlyArray<Keyed>> => {
  const { plugin, steps: given } = givers(stage)
  const written = steps.map((step, i) => [
    `step ${i}`,
    { stage: stage.id, in: allInputs(stage), stream: "draws", ...step },
  ])
  const document = { name: "keys", seed, stages: { ...given, ...Object.fromEntries(written) } }
  const resources = Layer.succeed(Resources, { backend: backend(numerics) })
  // A document that needn't be parsed.
  return read("{name: keys, seed: 1, stages: {}}", { file, edit: () => document }).pipe(
    Effect.flatMap((checked) => run(checked)),
    Effect.map(({ steps: all }) => {
      const found = new Map(all.map((step) => [step.id.split("@")[0], step]))
      return steps.map((_, i) => found.get(`step ${i}`)!)
    }),
    Effect.provide(Layer.mergeAll(full, resources, registry([...builtIn.values(), Plugin.entry(plugin)]))),
    Effect.runPromise,
  )
}
