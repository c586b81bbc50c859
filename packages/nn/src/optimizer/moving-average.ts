/** A slowly moving copy of the parameters. */
import { branch, mapTree, tf, within } from "@relent/tensor"
import type { Optimizer } from "./optimizer.ts"

/**
 * An optimiser that keeps an exponential moving average of the parameters in its state: a = decay a + (1 - decay) w, from a = w at
 * the start, so that no correction is needed.
 *
 * @reference polyak1992acceleration
 */
export const averaged = (decay: number, { init, rates, update }: Optimizer): Optimizer => ({
  rates,
  init: (parameters) => ({
    ...branch("inner", init(parameters)),
    ...branch(
      "average",
      mapTree(parameters, (w) => tf.clone(w)),
    ),
  }),
  update: (parameters, gradients, state, rates) => {
    const next = update(parameters, gradients, within("inner", state), rates)
    const average = mapTree(within("average", state), (a, path) =>
      tf.add(tf.mul(a, decay), tf.mul(next.parameters[path]!, 1 - decay)),
    )
    return { parameters: next.parameters, state: { ...branch("inner", next.state), ...branch("average", average) } }
  },
})

/** The average in the state of an `averaged` optimiser, on the device or off it. */
export const averageIn = <A>(state: { readonly [path: string]: A }): Record<string, A> => within("average", state)
