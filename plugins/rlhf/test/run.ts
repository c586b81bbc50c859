/** Runs a stage as a pipeline would: parameters decoded, inputs and outputs through their tables. */
import { Names } from "@relent/named"
import { source } from "@relent/random"
import type { AnyStage, Checkpoint } from "@relent/stage"
import { Effect, Option, Schema } from "effect"

const find = (_: string, name: string) => Effect.fail(`'${name}' is unknown`)

export interface Run {
  readonly inputs?: object
  readonly parameters?: object
  readonly seed?: number
  readonly saved?: Checkpoint<any>
}

export const run = async (stage: AnyStage, { inputs = {}, parameters = {}, seed = 1, saved }: Run) => {
  const metrics: Array<Record<string, any>> = []
  const checkpoints: Array<Checkpoint<any>> = []
  const program = Effect.gen(function* () {
    const decoded = yield* Schema.decodeUnknownEffect(stage.schema)(parameters, { onExcessProperty: "error" }).pipe(
      Effect.provideService(Names, { find }),
    )
    const outputs = yield* stage.run({
      parameters: decoded,
      inputs,
      random: source({ seed, stream: stage.id }),
      emit: (row: object) => Effect.sync(() => void metrics.push(row)),
      progress: () => Effect.void,
      checkpoint: {
        load: Effect.succeed(Option.fromUndefinedOr(saved)),
        save: (checkpoint: Checkpoint<any>) => Effect.sync(() => void checkpoints.push(checkpoint)),
      },
    }) as Effect.Effect<Record<string, any>>
    for (const [name, port] of Object.entries(stage.definition.outputs) as ReadonlyArray<[string, any]>)
      outputs[name] = yield* port.decode(port.encode(outputs[name]))
    return outputs
  })
  const outputs = await Effect.runPromise(program as Effect.Effect<Record<string, any>>)
  return { outputs, metrics, checkpoints }
}

export const failure = (stage: AnyStage, given: Run): Promise<string> =>
  run(stage, given).then(
    () => "no failure",
    (error: Error & { readonly hint?: string }) =>
      `${error.message}${error.hint === undefined ? "" : `; ${error.hint}`}`,
  )
