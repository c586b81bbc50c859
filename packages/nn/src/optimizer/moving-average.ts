/** A slowly moving copy of the parameters. */
import { tf } from "@relent/tensor"
import { branch, mapTree, within } from "../tree.ts"
import type { Optimizer } from "./optimizer.ts"

/**
 * An optimiser that keeps an exponential moving average of the parameters in its state: a = decay a + (1 - decay) w, from a = w at
 * the start, so that no correction is needed.
 *
 * @reference polyak1992acceleration
 */
export const averaged = (decay: number, { init, update }: Optimizer): Optimizer => ({
  init: (parameters) => ({
    ...branch("inner", init(parameters)),
    ...branch(
      "average",
      mapTree(parameters, (w) => tf.clone(w)),
    ),
  }),
  update: (parameters, gradients, state, at) => {
    const next = update(parameters, gradients, within("inner", state), at)
    const average = mapTree(within("average", state), (a, path) =>
      tf.add(tf.mul(a, decay), tf.mul(next.parameters[path]!, 1 - decay)),
    )
    return { parameters: next.parameters, state: { ...branch("inner", next.state), ...branch("average", average) } }
  },
})

/** The average in the state of an `averaged` optimiser, on the device or off it. */
export const averageIn = <A>(state: { readonly [path: string]: A }): Record<string, A> => within("average", state)
