/** Multi-head self-attention over tokens `[members, batch, tokens, width]`. */
import type { Parameters } from "@relent/arrow"
import type { Source } from "@relent/random"
import { branch, type Tensor, tf, type Tree, within } from "@relent/tensor"
import type { Init } from "../init.ts"
import { applyDense, densePlan } from "./dense.ts"
import { initLayer, LayerInvalid, type Plan } from "./plan.ts"

export interface Attention {
  readonly width: number
  readonly members: number
  readonly init: Init
  /** Of the layer after the heads, if it isn't `init`: a deep network begins with small steps. */
  readonly initOut?: Init
  /** Whether biases are added; they are by default. */
  readonly bias?: boolean
}

/** Who sees whom. */
export interface Seen {
  /** How many heads share the width in equal parts. */
  readonly heads: number
  /** Whether a token sees only itself and those before it. */
  readonly causal?: boolean
  /**
   * 1 where a token (the row) sees another (the column), 0 where it doesn't: `[members or 1, batch or 1, tokens or 1, tokens]`. A
   * token that sees nobody gets the mean of all.
   */
  readonly mask?: Tensor
}

/** `qkv/weight: [width, 3 width]` for queries, keys and values in this order, `out/weight: [width, width]`, and their biases. */
export const attentionPlan = ({ width, init, initOut = init, bias = true }: Omit<Attention, "members">): Plan => ({
  ...branch("qkv", densePlan({ inputs: width, outputs: 3 * width, init: () => init(width, width), bias })),
  ...branch("out", densePlan({ inputs: width, outputs: width, init: initOut, bias })),
})

/** `qkv/weight: [members, width, 3 width]`, `out/weight: [members, width, width]`, biases `[members, 1, ...]`. */
export const initAttention = ({ members, ...attention }: Attention, random: Source, layer: number): Parameters =>
  initLayer(attentionPlan(attention), members, random, layer)

/** What takes a place out of a softmax of float32. */
const hidden = -1e9

/** 0 on and below the diagonal, `hidden` above: `[tokens, tokens]`. */
const future = (tokens: number): Tensor =>
  tf.tensor2d(
    Float32Array.from({ length: tokens * tokens }, (_, i) => (i % tokens > Math.floor(i / tokens) ? hidden : 0)),
    [tokens, tokens],
  )

/** Of `[rows, heads, tokens, tokens]`, for rows of members * batch. */
const masked = (scores: Tensor, mask: Tensor, members: number): Tensor => {
  const [rows, heads, tokens] = scores.shape as [number, number, number]
  const [m, b, queries, keys] = mask.shape as [number, number, number, number]
  const added = tf.mul(tf.sub(tf.reshape(mask, [m, b, 1, queries, keys]), 1), -hidden)
  const apart = tf.reshape(scores, [members, rows / members, heads, tokens, tokens])
  return tf.reshape(tf.add(apart, added), scores.shape)
}

/**
 * softmax(Q K^T / sqrt(width / heads)) V of every head, side by side, then a dense layer: `[members, batch, tokens, width]` from
 * `[members or 1, batch, tokens, width]`.
 *
 * @throws LayerInvalid if the heads don't divide the width.
 * @reference vaswani2017attention
 */
export const applyAttention = (tree: Tree, x: Tensor, { heads, causal = false, mask }: Seen): Tensor => {
  const qkv = applyDense(within("qkv", tree), x)
  const [members, batch, tokens] = qkv.shape as [number, number, number]
  const width = x.shape.at(-1)!
  const size = headWidth(width, heads)
  const [queries, keys, values] = tf
    .split(qkv, 3, -1)
    .map((part) => tf.transpose(tf.reshape(part, [members * batch, tokens, heads, size]), [0, 2, 1, 3])) as [
    Tensor,
    Tensor,
    Tensor,
  ]
  const plain = tf.mul(tf.matMul(queries, keys, false, true), 1 / Math.sqrt(size))
  const past = causal ? tf.add(plain, future(tokens)) : plain
  const scores = mask === undefined ? past : masked(past, mask, members)
  const seen = tf.transpose(tf.matMul(tf.softmax(scores), values), [0, 2, 1, 3])
  return applyDense(within("out", tree), tf.reshape(seen, [members, batch, tokens, width]))
}

/**
 * The width of a head.
 *
 * @throws LayerInvalid if the heads don't divide the width.
 */
export const headWidth = (width: number, heads: number): number => {
  const size = width / heads
  if (!Number.isInteger(size))
    throw new LayerInvalid({
      message: `a width of ${width} can't be ${heads} heads of equal size`,
      hint: `choose a number of heads that divides ${width}`,
    })
  return size
}
