/** Steps on wasm: seen once for every shape of their inputs, then replayed without tape, registry and allocation. */
import type { Parameters } from "@relent/arrow"
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm"
import { Effect, type Scope } from "effect"
import { withoutReading } from "../../recorded/reading.ts"
import type { Recording, Steps } from "../../recorded/record.ts"
import { checkState, shapesOf, type Step } from "../../recorded/step.ts"
import { type Tensor, tf } from "../../tf.ts"
import { fromDevice, mapTree, toDevice, type Tree } from "../../tree.ts"
import { bytesAt } from "./bytes.ts"
import { copyOf, type Recording as Replay, recordingOf } from "./recording.ts"
import { traced } from "./trace.ts"

const idsOf = (tree: Tree) => Object.values(tree).map(({ dataId }) => dataId)

export const recorded = <Name extends string>({
  start,
  steps,
}: Steps<Name>): Effect.Effect<Recording<Name>, never, Scope.Scope> =>
  Effect.gen(function* () {
    const backend = tf.backend() as BackendWasm
    const own = (tensor: Tensor) => copyOf(backend, tensor)
    /** Lies where it is from the first step to the last. */
    const state: Tree = tf.tidy(() => mapTree(start(), (tensor) => tf.keep(own(tensor))))
    const replays = new Map<string, Replay>()
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        tf.dispose(state)
        for (const replay of replays.values()) replay.close()
      }),
    )
    /** Runs a step as it is, and prepares its replay. */
    const first = (key: string, name: Name, step: Step, given: Parameters): Tree => {
      const inputs = toDevice(given)
      const { result, trace } = traced(name, backend, [...idsOf(state), ...idsOf(inputs)], () => {
        const result = withoutReading(name, () => step(state, inputs))
        checkState(name, state, result.state)
        return result
      })
      const { state: next, outputs } = result
      replays.set(key, recordingOf(backend, { trace, state, inputs, next, outputs }))
      const made = mapTree(outputs, own)
      const values = Object.entries(next).map(([path, tensor]) => [path, bytesAt(backend, tensor).slice()] as const)
      for (const [path, bytes] of values) bytesAt(backend, state[path]!).set(bytes)
      return made
    }
    return {
      run: (name, inputs) =>
        Effect.sync(() => {
          const key = `${name} ${shapesOf(inputs)}`
          return replays.get(key)?.run(inputs) ?? tf.tidy(() => first(key, name, steps[name], inputs))
        }),
      read: Effect.promise(() => fromDevice(state)),
    }
  })
