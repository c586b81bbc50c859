/** Runs one stage by itself, as the runtime would: for tests of stages. */
import { Column, TableSchema } from "@relent/arrow"
import { type Named, Names, suggest } from "@relent/named"
import { type Source, source } from "@relent/random"
import { Effect, Option, Schema } from "effect"
import type { Checkpoint, SourceFile } from "./context.ts"
import type { Outputs } from "./port.ts"
import type { AnyStage } from "./stage.ts"

export interface Given {
  /** What the stage finds in its inputs: tables, streams, objects. */
  readonly inputs?: object
  /** As a document writes them. */
  readonly parameters?: object
  /** 1, if it isn't said; the stream is the stage's name. */
  readonly seed?: number
  /** Draws other than those of the seed and the stage. */
  readonly random?: Source
  /** The declared files. */
  readonly sources?: { readonly [name: string]: SourceFile }
  /** The checkpoint to go on from. */
  readonly saved?: Checkpoint<any>
  /** The named values that parameters may choose. */
  readonly values?: ReadonlyArray<Named<unknown>>
}

export interface Ran {
  /** By port, as the next stage would receive them. */
  readonly outputs: Record<string, any>
  readonly metrics: ReadonlyArray<Readonly<Record<string, any>>>
  readonly warnings: ReadonlyArray<string>
  /** As they come back from a store. */
  readonly checkpoints: ReadonlyArray<Checkpoint<any>>
}

/** What a stage, or the decoding of its parameters, fails with. */
export interface StageFailure {
  readonly message: string
  readonly hint?: string
}

/** Runs a stage; outputs, metrics and checkpoints go through their tables. `R` is what the stage needs: nothing, or a backend. */
export const runStage = <R = never>(stage: AnyStage, given: Given = {}): Effect.Effect<Ran, StageFailure, R> => {
  const { inputs = {}, parameters = {}, seed = 1, sources = {}, saved, values = [] } = given
  const { random = source({ seed, stream: stage.id }) } = given
  const { state, metrics: columns = {} } = stage.definition
  const metrics: Array<Record<string, any>> = []
  const warnings: Array<string> = []
  const checkpoints: Array<Checkpoint<any>> = []
  const find = (kind: string, name: string) => {
    const all = values.filter((value) => value.kind === kind)
    const found = all.find((value) => value.name === name)
    const names = all.map((value) => value.name)
    return found ? Effect.succeed(found) : Effect.fail(`'${name}' is unknown: ${suggest(name, names, kind)}`)
  }
  return Effect.gen(function* () {
    const decoded = yield* Schema.decodeUnknownEffect(stage.schema)(parameters, { onExcessProperty: "error" })
    const outputs = yield* stage.run({
      parameters: decoded,
      inputs,
      sources,
      random,
      emit: (row: object) => Effect.sync(() => void metrics.push(row)),
      progress: () => Effect.void,
      warn: (message: string) => Effect.sync(() => void warnings.push(message)),
      checkpoint: {
        load: Effect.succeed(Option.fromUndefinedOr(saved)),
        save: ({ step, state: value }: Checkpoint<any>) =>
          Effect.map(Effect.orDie(state!.decode(state!.encode(value))), (back) => {
            checkpoints.push({ step, state: back })
          }),
      },
    })
    for (const [name, port] of Object.entries(stage.definition.outputs as Outputs))
      if (!("port" in port)) outputs[name] = yield* port.decode(port.encode(outputs[name]))
    TableSchema.make("metrics", 1, { step: Column.int32, ...columns }).fromRows(metrics as never)
    return { outputs, metrics, warnings, checkpoints }
  }).pipe(Effect.provideService(Names, { find })) as Effect.Effect<Ran, StageFailure, R>
}

/** What a stage says when it fails: the message, and what to do. */
export const failureOf = <R = never>(stage: AnyStage, given: Given = {}): Effect.Effect<string, never, R> =>
  Effect.match(runStage<R>(stage, given), {
    onSuccess: () => "no failure",
    onFailure: ({ message, hint }) => (hint === undefined ? message : `${message}; ${hint}`),
  })
