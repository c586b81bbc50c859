/** Causal transformers: a token's logits from the tokens up to it. */
import type { Parameters } from "@relent/arrow"
import type { Source } from "@relent/random"
import { type Tensor, tf, type Tree, within } from "@relent/tensor"
import { Schema } from "effect"
import { type Activation, activationNames } from "../activation.ts"
import type { Init } from "../init.ts"
import { headWidth } from "../layer/attention.ts"
import { applyDense, densePlan } from "../layer/dense.ts"
import { applyEmbedding, embeddingPlan, unembed } from "../layer/embedding.ts"
import { applyLayerNorm, normPlan } from "../layer/norm.ts"
import { initLayers, type Layers } from "../layer/plan.ts"
import { applyPositions, positionsPlan } from "../layer/position.ts"
import { applyTransformerBlock, transformerBlockPlan } from "../layer/transformer-block.ts"
import { type Architecture, count } from "./architecture.ts"

export interface TransformerShape {
  /** Tokens are ids below it. */
  readonly vocabulary: number
  /** The longest sequence. */
  readonly context: number
  /** Blocks of attention and two dense layers, the wider one of 4 width. */
  readonly blocks: number
  readonly width: number
  /** They share the width in equal parts. */
  readonly heads: number
  readonly activation: Activation
  /** Whether dense layers have biases and norms have offsets. */
  readonly bias: boolean
  /** Whether the embedding is also the last layer. */
  readonly tied: boolean
  readonly members: number
}

type Shape = Omit<TransformerShape, "members">

const spread = 0.02
const block = (index: number) => `blocks/${index}`

const layers = ({ vocabulary, context, blocks, width, heads, bias, tied }: Shape): Layers => {
  headWidth(width, heads)
  const init: Init = () => spread
  const initOut: Init = () => spread / Math.sqrt(2 * blocks)
  const plan = transformerBlockPlan({ width, init, initOut, bias })
  return {
    embedding: embeddingPlan({ vocabulary, width, spread }),
    positions: positionsPlan({ context, width, spread }),
    ...Object.fromEntries(Array.from({ length: blocks }, (_, i) => [block(i), plan])),
    norm: normPlan({ width, offset: bias }),
    ...(!tied && { head: densePlan({ inputs: width, outputs: vocabulary, init, bias: false }) }),
  }
}

/**
 * Starting weights: `embedding/table`, `positions/table`, `blocks/0/attention/qkv/weight`, ..., `norm/scale`, and `head/weight` unless
 * tied. All are normal with deviation 0.02, the layers that are added to what came in 0.02 / sqrt(2 blocks).
 *
 * @throws LayerInvalid if the heads don't divide the width.
 * @reference radford2019language
 */
export const initTransformer = (shape: TransformerShape, random: Source): Parameters =>
  initLayers(layers(shape), shape.members, random)

/**
 * What the last layer is given, `[members, batch, tokens, width]`, of int32 ids `[members or 1, batch, tokens]`, as many tokens as the
 * context or fewer.
 *
 * @throws LayerInvalid if there are more tokens than the context has.
 * @reference radford2019language
 */
export const hiddenOf = ({ blocks, heads, activation }: Shape, tree: Tree, ids: Tensor): Tensor => {
  let h = applyPositions(within("positions", tree), applyEmbedding(within("embedding", tree), ids))
  for (let i = 0; i < blocks; i++)
    h = applyTransformerBlock(within(block(i), tree), h, { heads, activation, causal: true })
  return applyLayerNorm(within("norm", tree), h)
}

/** The last layer's rows, one a token: `[members, vocabulary, width]`. */
export const outputTable = ({ tied }: Shape, tree: Tree): Tensor =>
  tied ? tree["embedding/table"]! : tf.transpose(tree["head/weight"]!, [0, 2, 1])

/**
 * Logits `[members, batch, tokens, vocabulary]` of int32 ids `[members or 1, batch, tokens]`: those at a token are for the next one.
 *
 * @throws LayerInvalid if there are more tokens than the context has.
 * @reference radford2019language
 */
export const applyTransformer = (shape: Shape, tree: Tree, ids: Tensor): Tensor => {
  const hidden = hiddenOf(shape, tree, ids)
  return shape.tied ? unembed(within("embedding", tree), hidden) : applyDense(within("head", tree), hidden)
}

export const transformer: Architecture<TransformerShape> = {
  fields: {
    vocabulary: count,
    context: count,
    blocks: count,
    width: count,
    heads: count,
    activation: Schema.Literals(activationNames),
    bias: Schema.Boolean,
    tied: Schema.Boolean,
  },
  layers,
  apply: applyTransformer,
  row: ({ vocabulary, context, blocks, width }) => ({
    inputs: context,
    outputs: context * vocabulary,
    products: context * (blocks * (12 * width ** 2 + 2 * context * width) + width * vocabulary),
  }),
}
