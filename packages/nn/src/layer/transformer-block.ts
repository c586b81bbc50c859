/** Attention and two dense layers, each normalised before and added to what came in: tokens `[members, batch, tokens, width]`. */
import type { Parameters } from "@relent/arrow"
import type { Source } from "@relent/random"
import { branch, type Tensor, type Tree, within } from "@relent/tensor"
import { type Activation, activations } from "../activation.ts"
import type { Init } from "../init.ts"
import { applyAttention, attentionPlan, type Seen } from "./attention.ts"
import { applyDense, densePlan } from "./dense.ts"
import { applyLayerNorm, normPlan } from "./norm.ts"
import { initLayer, type Plan } from "./plan.ts"
import { residual } from "./skip.ts"

export interface TransformerBlock {
  readonly width: number
  readonly members: number
  readonly init: Init
  /** Of the two layers whose outputs are added to what came in, if it isn't `init`. */
  readonly initOut?: Init
  /** Whether biases and the norms' offsets are learnt; they are by default. */
  readonly bias?: boolean
}

/** `norm1`, `attention`, `norm2`, `up: [width, 4 width]`, `down: [4 width, width]`. */
export const transformerBlockPlan = (block: Omit<TransformerBlock, "members">): Plan => {
  const { width, init, initOut = init, bias = true } = block
  return {
    ...branch("norm1", normPlan({ width, offset: bias })),
    ...branch("attention", attentionPlan(block)),
    ...branch("norm2", normPlan({ width, offset: bias })),
    ...branch("up", densePlan({ inputs: width, outputs: 4 * width, init, bias })),
    ...branch("down", densePlan({ inputs: 4 * width, outputs: width, init: initOut, bias })),
  }
}

/** The tensors of the plan, each with an axis of members first. */
export const initTransformerBlock = (
  { members, ...block }: TransformerBlock,
  random: Source,
  layer: number,
): Parameters => initLayer(transformerBlockPlan(block), members, random, layer)

/**
 * h = x + attention(norm x), then h + down(activation(up(norm h))): of the shape of x.
 *
 * @throws LayerInvalid if the heads don't divide the width.
 * @reference xiong2020layer
 */
export const applyTransformerBlock = (
  tree: Tree,
  x: Tensor,
  { activation, ...seen }: Seen & { readonly activation: Activation },
): Tensor => {
  const h = residual(x, (x) =>
    applyAttention(within("attention", tree), applyLayerNorm(within("norm1", tree), x), seen),
  )
  return residual(h, (h) => {
    const up = applyDense(within("up", tree), applyLayerNorm(within("norm2", tree), h))
    return applyDense(within("down", tree), activations[activation].apply(up))
  })
}
