/** Steps that are recorded once and replayed, where the backend can. */
import type { Parameters } from "@relent/arrow"
import { Effect, type Scope } from "effect"
import { Backend } from "../backend.ts"
import type { Tree } from "../tree.ts"
import { eager } from "./eager.ts"
import type { Step } from "./step.ts"

export interface Steps<Name extends string> {
  /** The state to start from; its intermediates are disposed of. */
  readonly start: () => Tree
  /** What can be done with it. */
  readonly steps: { readonly [name in Name]: Step }
}

export interface Recording<Name extends string> {
  /** Runs a step on inputs from the host, and gives its outputs, the caller's to dispose of. */
  readonly run: (name: Name, inputs: Parameters) => Effect.Effect<Tree>
  /** The state now. */
  readonly read: Effect.Effect<Parameters>
}

/**
 * Makes steps on a common state ready to run, inside `backend.run`. On `tensorflow` and `wasm` a step is recorded at its first run with
 * inputs of some shapes; other shapes are another recording. On `tensorflow` it becomes a graph in a session of its own, where the state
 * stays on the device; on `wasm` a list of kernels whose tensors have their places beforehand. Elsewhere it runs operation by operation.
 * What was recorded ends with the scope.
 *
 * ```ts example
 * import { tensorValue } from "@relent/arrow"
 * import { Backend, record, tf } from "@relent/tensor"
 * import { Effect } from "effect"
 * const halve = Effect.gen(function* () {
 *   const start = () => ({ w: tf.tensor1d([8, 4]) })
 *   const recording = yield* record({
 *     start,
 *     steps: { shrink: ({ w }, { by }) => ({ state: { w: tf.mul(w!, by!) }, outputs: {} }) },
 *   })
 *   yield* recording.run("shrink", { by: tensorValue("float32", Float32Array.of(0.5), []) })
 *   return yield* recording.read
 * })
 * const program = Backend.use((b) => b.run(Effect.scoped(halve))).pipe(Effect.provide(Backend.wasm))
 * const { w } = await Effect.runPromise(program)
 * Array.from(w!.values as Float32Array) // => [4, 2]
 * ```
 */
export const record = <Name extends string>(
  steps: Steps<Name>,
): Effect.Effect<Recording<Name>, never, Backend | Scope.Scope> =>
  Effect.gen(function* () {
    const { name, records } = yield* Backend
    if (!records) return yield* eager(steps)
    const { recorded } = yield* Effect.promise(() =>
      name === "wasm" ? import("../wasm/recorded/recorded.ts") : import("../tensorflow/recorded.ts"),
    )
    return yield* recorded(steps)
  })
