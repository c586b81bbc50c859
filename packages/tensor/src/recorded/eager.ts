/** Steps that run operation by operation. */
import { Effect, type Scope } from "effect"
import { Owner, Tensors } from "../tensors.ts"
import { tf } from "../tf.ts"
import { fromDevice, mapTree, toDevice, type Tree } from "../tree.ts"
import { withoutReading } from "./reading.ts"
import type { Recording, Steps } from "./record.ts"
import { checkState } from "./step.ts"

export const eager = <Name extends string>({
  start,
  steps,
}: Steps<Name>): Effect.Effect<Recording<Name>, never, Scope.Scope> =>
  Effect.gen(function* () {
    const owner: Owner = yield* Tensors.scoped
    let state: Tree = owner.compute(start)
    const replace = (next: Tree) => {
      const kept = new Set(Object.values(next))
      owner.release(Object.values(state).filter((tensor) => !kept.has(tensor)))
      state = next
    }
    return {
      run: (name, inputs) =>
        Effect.sync(() => {
          const done = owner.compute(() => {
            const result = withoutReading(name, () => steps[name](state, toDevice(inputs)))
            checkState(name, state, result.state)
            const kept = new Set([...Object.values(state), ...Object.values(result.state)])
            const outputs = mapTree(result.outputs, (tensor) => (kept.has(tensor) ? tf.clone(tensor) : tensor))
            return { state: { ...result.state }, outputs }
          })
          replace(done.state)
          owner.disown(done.outputs)
          return done.outputs
        }),
      read: Effect.promise(() => fromDevice(state)),
    }
  })
