import { Effect } from "effect"
import { Backend } from "../src/index.ts"

/** Runs a test's effect with a backend. */
export const on = {
  wasm: <A, E>(effect: Effect.Effect<A, E, Backend>) => Effect.runPromise(Effect.provide(effect, Backend.wasm)),
  cpu: <A, E>(effect: Effect.Effect<A, E, Backend>) => Effect.runPromise(Effect.provide(effect, Backend.cpu)),
}
