/** A dense layer, for many members at once. */
import { type Parameters, tensorValue } from "@relent/arrow"
import type { Source } from "@relent/random"
import { type Tensor, tf, type Tree } from "@relent/tensor"
import type { Init } from "./init.ts"

export interface Dense {
  readonly inputs: number
  readonly outputs: number
  /** How many are trained side by side. */
  readonly members: number
  readonly init: Init
}

/**
 * `weight: [members, inputs, outputs]` normal, `bias: [members, 1, outputs]` zero. Member m draws from `random("init", m, layer)`,
 * so it starts alike in any company.
 */
export const initDense = ({ inputs, outputs, members, init }: Dense, random: Source, layer: number): Parameters => {
  const size = inputs * outputs
  const weight = new Float32Array(members * size)
  const spread = init(inputs, outputs)
  for (let m = 0; m < members; m++)
    weight.set(
      random("init", m, layer)
        .normals(size)
        .map((z) => z * spread),
      m * size,
    )
  return {
    weight: tensorValue("float32", weight, [members, inputs, outputs]),
    bias: tensorValue("float32", new Float32Array(members * outputs), [members, 1, outputs]),
  }
}

/** x W + b: `[members, batch, outputs]` from `[members or 1, batch, inputs]`. */
export const applyDense = ({ weight, bias }: Tree, x: Tensor): Tensor => tf.add(tf.matMul(x, weight!), bias!)
