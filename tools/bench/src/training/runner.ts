/** Steps of a model on the backend at hand. */
import { type Backend, record, tf, toDevice, type Tree } from "@relent/tensor"
import { Effect, type Scope } from "effect"
import type { Model } from "../models/model.ts"

/** Runs so many steps more, and reads the loss of the last. */
export type Runner = (steps: number) => Effect.Effect<{ readonly ms: number; readonly loss: number }>

export const runner = (model: Model): Effect.Effect<Runner, never, Backend | Scope.Scope> =>
  Effect.gen(function* () {
    const { run } = yield* record({ start: () => toDevice(model.start()), steps: { train: model.step } })
    let t = 0
    return (steps) =>
      Effect.gen(function* () {
        const begin = performance.now()
        let last: Tree = {}
        for (let i = 0; i < steps; i++) {
          tf.dispose(last)
          last = yield* run("train", model.inputs(t++))
        }
        const [loss] = yield* Effect.promise(() => last["loss"]!.data())
        tf.dispose(last)
        return { ms: performance.now() - begin, loss: loss! }
      })
  })
