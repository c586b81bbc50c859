/** Runs a stage by itself. */
import { Names } from "@relent/named"
import type { TrainingState } from "@relent/nn"
import { type Source, source } from "@relent/random"
import type { AnyStage } from "@relent/stage"
import { Backend, Tensors } from "@relent/tensor"
import { Effect, Option, Schema } from "effect"
import { losses } from "../src/loss/index.ts"
import { selfLosses } from "../src/self-loss/index.ts"

const find = (kind: string, name: string) => {
  const found = [...losses, ...selfLosses].find((v) => v.kind === kind && v.name === name)
  return found ? Effect.succeed(found) : Effect.fail(`'${name}' is unknown`)
}

/** What a stage said while it ran. */
export interface Said {
  readonly warnings: Array<string>
  readonly states: Array<TrainingState>
  readonly metrics: Array<{ readonly step: number; readonly [column: string]: unknown }>
}
export const silence = (): Said => ({ warnings: [], states: [], metrics: [] })

/** Other than at the start, with draws of the stage's own. */
export interface Conditions {
  readonly from?: { readonly step: number; readonly state: TrainingState }
  readonly random?: Source
}

export const run = (
  stage: AnyStage,
  inputs: unknown,
  parameters: object = {},
  said = silence(),
  { from, random = source({ seed: 1, stream: stage.id }) }: Conditions = {},
): Promise<Record<string, any>> => {
  const nothing = () => Effect.void
  const program = Effect.gen(function* () {
    const decoded = yield* Schema.decodeUnknownEffect(stage.schema)(parameters).pipe(
      Effect.provideService(Names, { find }),
    )
    const context = {
      parameters: decoded,
      inputs,
      random,
      emit: (row: Said["metrics"][number]) => Effect.sync(() => void said.metrics.push(row)),
      progress: nothing,
      warn: (message: string) => Effect.sync(() => void said.warnings.push(message)),
      checkpoint: {
        load: Effect.succeed(Option.fromUndefinedOr(from)),
        save: ({ state }: { readonly state: TrainingState }) => Effect.sync(() => void said.states.push(state)),
      },
    }
    return yield* Backend.use((b) => b.run(Tensors.leakFree(stage.run(context) as Effect.Effect<Record<string, any>>)))
  })
  return Effect.runPromise(Effect.provide(program, Backend.wasm) as Effect.Effect<Record<string, any>>)
}

export const failure = (...given: Parameters<typeof run>) =>
  run(...given).then(
    () => "no failure",
    (error: Error) => error.message,
  )
