/** A dense layer, for many members at once. */
import type { Parameters } from "@relent/arrow"
import type { Source } from "@relent/random"
import { dense, type DenseActivation, type Tensor, tf, type Tree } from "@relent/tensor"
import type { Init } from "../init.ts"
import { filled, initLayer, normal, type Plan } from "./plan.ts"

export interface Dense {
  readonly inputs: number
  readonly outputs: number
  /** How many are trained side by side. */
  readonly members: number
  readonly init: Init
  /** Whether a bias is added; it is by default. */
  readonly bias?: boolean
}

/** `weight: [inputs, outputs]` normal, `bias: [1, outputs]` zero. */
export const densePlan = ({ inputs, outputs, init, bias = true }: Omit<Dense, "members">): Plan => ({
  weight: normal(init(inputs, outputs), inputs, outputs),
  ...(bias && { bias: filled(0, 1, outputs) }),
})

/** `weight: [members, inputs, outputs]` normal, `bias: [members, 1, outputs]` zero; member m draws from `random("init", m, layer)`. */
export const initDense = ({ members, ...layer }: Dense, random: Source, index: number): Parameters =>
  initLayer(densePlan(layer), members, random, index)

/**
 * act(x W + b): `[members, batch, outputs]` from `[members or 1, batch, inputs]`. Axes between the members and the last may be many:
 * `[members, batch, tokens, outputs]` from `[members or 1, batch, tokens, inputs]`.
 */
export const applyDense = ({ weight, bias }: Tree, x: Tensor, activation: DenseActivation = "linear"): Tensor => {
  const rows = x.rank === 3 ? x : tf.reshape(x, [x.shape[0], -1, x.shape.at(-1)!])
  const made = dense(rows, weight!, bias, activation)
  return x.rank === 3 ? made : tf.reshape(made, [made.shape[0], ...x.shape.slice(1, -1), made.shape.at(-1)!])
}
