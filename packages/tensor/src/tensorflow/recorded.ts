/** Steps on TensorFlow: a session for every step and shape of its inputs, one of which has the state. */
import type { Parameters } from "@relent/arrow"
import { Effect, type Scope } from "effect"
import type { Recording, Steps } from "../recorded/record.ts"
import { shapesOf } from "../recorded/step.ts"
import { type Tensor, tf } from "../tf.ts"
import { fromDevice, mapTree, type Tree } from "../tree.ts"
import { attribute, type TensorFlowBackend } from "./binding.ts"
import { record, type Session } from "./session.ts"

export const recorded = <Name extends string>({
  start,
  steps,
}: Steps<Name>): Effect.Effect<Recording<Name>, never, Scope.Scope> =>
  Effect.gen(function* () {
    const sessions = new Map<string, Session>()
    let holder: Session | undefined
    /** The state before a session has it. */
    let loose: Tree = tf.tidy(() => keep(start()))
    const take = (): Tree => {
      const state = holder === undefined ? loose : holder.read()
      holder = undefined
      loose = state
      return state
    }
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        tf.dispose(loose)
        for (const session of sessions.values()) session.close()
      }),
    )
    const sessionFor = (name: Name, inputs: Parameters): Session => {
      const key = `${name} ${shapesOf(inputs)}`
      const known = sessions.get(key)
      if (known !== undefined && known === holder) return known
      const state = take()
      const session = known ?? record(name, steps[name], state, inputs)
      sessions.set(key, session)
      session.write(state)
      tf.dispose(loose)
      loose = {}
      holder = session
      return session
    }
    return {
      run: (name, inputs) => Effect.sync(() => sessionFor(name, inputs).run(inputs)),
      read: Effect.promise(async () => {
        const state = holder === undefined ? loose : holder.read()
        const values = await fromDevice(state)
        if (holder !== undefined) tf.dispose(state)
        return values
      }),
    }
  })

/** Tensors of their own: two that share their values in the start are two variables of the session. */
const keep = (tree: Tree): Tree => {
  const backend = tf.backend() as TensorFlowBackend
  return mapTree(tree, (tensor) => {
    const type = attribute.type("T", tensor.dtype)
    return tf.keep(backend.executeSingleOutput("Identity", [type], [tensor]) as Tensor)
  })
}
