/** Runs a stage as the runtime does. */
import { source } from "@relent/random"
import { Names } from "@relent/named"
import type { AnyStage } from "@relent/stage"
import { Backend, Tensors } from "@relent/tensor"
import { Effect, Option, Schema } from "effect"

export interface Saved {
  readonly step: number
  readonly state: unknown
}

export interface Ran {
  readonly outputs: Record<string, any>
  readonly metrics: ReadonlyArray<Readonly<Record<string, number>>>
  /** Checkpoints, as they come back from the store. */
  readonly saved: ReadonlyArray<Saved>
}

const nothing = () => Effect.void
const names = { find: (_: string, name: string) => Effect.fail(`'${name}' is unknown`) }

/** A stage's outputs, metrics and checkpoints; a tensor left behind fails the test. */
export const run = (stage: AnyStage, inputs: unknown, parameters: object = {}, from?: Saved): Promise<Ran> => {
  const metrics: Array<Record<string, number>> = []
  const saved: Array<Saved> = []
  const { state } = stage.definition
  const program = Effect.gen(function* () {
    const context = {
      parameters: yield* Schema.decodeUnknownEffect(stage.schema)(parameters),
      inputs,
      random: source({ seed: 1, stream: stage.id }),
      emit: (row: Record<string, number>) => Effect.sync(() => void metrics.push(row)),
      progress: nothing,
      checkpoint: {
        load: Effect.succeed(Option.fromUndefinedOr(from)),
        save: ({ step, state: value }: Saved) =>
          Effect.map(state!.decode(state!.encode(value)), (value) => void saved.push({ step, state: value })),
      },
    }
    const outputs = yield* stage.run(context) as Effect.Effect<Record<string, any>, Error>
    return { outputs, metrics, saved }
  }).pipe(Effect.provideService(Names, names))
  return Effect.runPromise(
    stage.definition.uses?.includes("backend")
      ? Backend.use((b) => b.run(Tensors.leakFree(program))).pipe(Effect.provide(Backend.wasm))
      : program,
  )
}

/** The message a stage fails with. */
export const failure = (...given: Parameters<typeof run>): Promise<string> =>
  run(...given).then(
    () => "no failure",
    (error: Error) => error.message,
  )
