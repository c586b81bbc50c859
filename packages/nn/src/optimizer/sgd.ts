/** Stochastic gradient descent. */
import { branch, mapTree, tf, within, zerosLike } from "@relent/tensor"
import { decayRate, flag, notNegative, Optimizer } from "./optimizer.ts"

/**
 * g = gradient + weightDecay w, b = momentum b + g, w = w - rate b; with `nesterov` w = w - rate (g + momentum b).
 * PyTorch's form: the rate is no part of the momentum.
 *
 * @reference sutskever2013importance
 */
export const makeSgd = (
  options: { readonly momentum?: number; readonly nesterov?: boolean; readonly weightDecay?: number } = {},
): Optimizer => {
  const { momentum = 0, nesterov = false, weightDecay = 0 } = options
  return {
    init: (parameters) => (momentum === 0 ? {} : branch("momentum", zerosLike(parameters))),
    rates: ({ learningRate }) => ({ rate: learningRate }),
    update: (parameters, gradients, state, { rate }) => {
      const g =
        weightDecay === 0
          ? gradients
          : mapTree(gradients, (g, path) => tf.add(g, tf.mul(parameters[path]!, weightDecay)))
      const before = within("momentum", state)
      const b = momentum === 0 ? g : mapTree(g, (g, path) => tf.add(tf.mul(before[path]!, momentum), g))
      const way = nesterov && momentum > 0 ? mapTree(g, (g, path) => tf.add(g, tf.mul(b[path]!, momentum))) : b
      return {
        parameters: mapTree(parameters, (w, path) => tf.sub(w, tf.mul(way[path]!, rate!))),
        state: momentum === 0 ? {} : branch("momentum", b),
      }
    },
  }
}

export const sgd = Optimizer.define(
  import.meta.url,
  "nn/sgd",
  1,
  { momentum: decayRate(0), nesterov: flag(false), weightDecay: notNegative(0) },
  makeSgd,
)
