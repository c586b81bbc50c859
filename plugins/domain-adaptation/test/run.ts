/** Runs one stage by itself. */
import { source } from "@relent/random"
import { Names } from "@relent/named"
import type { AnyStage, Checkpoint } from "@relent/stage"
import { Effect, Option, Schema } from "effect"

type Saved = Checkpoint<unknown>

export interface Options {
  readonly seed?: number
  readonly saved?: Saved
  readonly save?: (checkpoint: Saved) => void
  readonly emit?: (row: object) => void
}

/** The outputs of a stage; a checkpoint goes through its codec, as in a store. */
export const run = (
  stage: AnyStage,
  inputs: unknown,
  parameters: object = {},
  { seed = 101, saved, save, emit }: Options = {},
): Promise<Record<string, any>> => {
  const { state } = stage.definition
  const program = Effect.gen(function* () {
    const decoded = yield* Schema.decodeUnknownEffect(stage.schema)(parameters)
    return yield* stage.run({
      parameters: decoded,
      inputs,
      random: source({ seed, stream: stage.id }),
      emit: (row: object) => Effect.sync(() => emit?.(row)),
      progress: () => Effect.void,
      checkpoint: {
        load:
          saved === undefined
            ? Effect.succeedNone
            : Effect.map(state!.decode(saved.state as never), (value) => Option.some({ ...saved, state: value })),
        save: (checkpoint: Saved) =>
          Effect.sync(() => save?.({ ...checkpoint, state: state!.encode(checkpoint.state) })),
      },
    }) as Effect.Effect<Record<string, any>>
  })
  const find = (_: string, name: string) => Effect.fail(`'${name}' is unknown`)
  return Effect.runPromise(Effect.provideService(program, Names, { find }))
}

/** What a stage says when it fails. */
export const failure = (...given: Parameters<typeof run>): Promise<string> =>
  run(...given).then(
    () => "no failure",
    (error: Error) => error.message,
  )
