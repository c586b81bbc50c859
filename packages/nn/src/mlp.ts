/** Multilayer perceptrons, many at once: members are a leading axis of every tensor. */
import type { Parameters } from "@relent/arrow"
import type { Source } from "@relent/random"
import { type Tensor, tf } from "@relent/tensor"
import { type Activation, activations } from "./activation.ts"
import { applyDense, initDense } from "./layer/dense.ts"
import { branch, mapTree, type Tree, within } from "./tree.ts"

export interface MlpShape {
  /** Widths from input to output: `[784, 256, 10]`. */
  readonly widths: ReadonlyArray<number>
  /** How many networks are trained side by side. */
  readonly members: number
  readonly activation: Activation
}

const layer = (index: number) => `layers/${index}`

/** Starting weights, by `layers/0/weight`, `layers/0/bias`, ... */
export const initMlp = ({ widths, members, activation }: MlpShape, random: Source): Parameters => {
  const { init } = activations[activation]
  const layers = widths.slice(1).map((outputs, l) => {
    return branch(layer(l), initDense({ inputs: widths[l]!, outputs, members, init }, random, l))
  })
  return Object.assign({}, ...layers) as Parameters
}

/**
 * What every layer gives of inputs `[members or 1, batch, features]`, `[members, batch, width]` each: hidden layers after their
 * activation, the logits last.
 */
export const mlpLayers = (
  { widths, activation }: Omit<MlpShape, "members">,
  tree: Tree,
  x: Tensor,
): ReadonlyArray<Tensor> => {
  const last = widths.length - 2
  const outputs: Array<Tensor> = []
  for (let l = 0; l <= last; l++) {
    const h = applyDense(within(layer(l), tree), outputs[l - 1] ?? x)
    outputs.push(l === last ? h : activations[activation].apply(h))
  }
  return outputs
}

/** Logits `[members, batch, classes]` of inputs `[members or 1, batch, features]`; the last layer is linear. */
export const applyMlp = (shape: Omit<MlpShape, "members">, tree: Tree, x: Tensor): Tensor =>
  mlpLayers(shape, tree, x).at(-1)!

/** One member of the tree, itself a tree of one member. */
export const memberOf = (tree: Tree, member: number): Tree => mapTree(tree, (tensor) => tf.slice(tensor, [member], [1]))
