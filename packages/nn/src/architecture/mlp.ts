/** Multilayer perceptrons, many at once: members are a leading axis of every tensor. */
import type { Parameters } from "@relent/arrow"
import type { Source } from "@relent/random"
import { type Tensor, type Tree, within } from "@relent/tensor"
import { Schema } from "effect"
import { type Activation, activationNames, activations, inDense } from "../activation.ts"
import { applyDense, densePlan } from "../layer/dense.ts"
import { initLayers } from "../layer/plan.ts"
import { type Architecture, count, denseProducts } from "./architecture.ts"

export interface MlpShape {
  /** Widths from input to output: `[784, 256, 10]`. */
  readonly widths: ReadonlyArray<number>
  /** How many networks are trained side by side. */
  readonly members: number
  readonly activation: Activation
}

const layer = (index: number) => `layers/${index}`

/** Its layers by name: `layers/0`, `layers/1`, ... */
export const mlpPlans = ({ widths, activation }: Omit<MlpShape, "members">) => {
  const { init } = activations[activation]
  return Object.fromEntries(
    widths.slice(1).map((outputs, l) => [layer(l), densePlan({ inputs: widths[l]!, outputs, init })]),
  )
}

/** Starting weights, by `layers/0/weight`, `layers/0/bias`, ... */
export const initMlp = (shape: MlpShape, random: Source): Parameters =>
  initLayers(mlpPlans(shape), shape.members, random)

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
    const own = l === last ? "linear" : inDense[activation]
    const h = applyDense(within(layer(l), tree), outputs[l - 1] ?? x, own)
    outputs.push(own === undefined ? activations[activation].apply(h) : h)
  }
  return outputs
}

/** Logits `[members, batch, classes]` of inputs `[members or 1, batch, features]`; the last layer is linear. */
export const applyMlp = (shape: Omit<MlpShape, "members">, tree: Tree, x: Tensor): Tensor =>
  mlpLayers(shape, tree, x).at(-1)!

export const mlp: Architecture<MlpShape> = {
  fields: { widths: Schema.Array(count).check(Schema.isMinLength(2)), activation: Schema.Literals(activationNames) },
  layers: mlpPlans,
  apply: applyMlp,
  row: ({ widths }) => ({ inputs: widths[0]!, outputs: widths.at(-1)!, products: denseProducts(widths) }),
}
