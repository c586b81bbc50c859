/** A transformer token by token: keys and values of the tokens before are kept, not computed again. */
import {
  activations,
  applyDense,
  applyEmbedding,
  applyLayerNorm,
  headWidth,
  residual,
  type TransformerShape,
  unembed,
} from "@relent/nn"
import { type Tensor, tf, type Tree, within } from "@relent/tensor"

/** Keys and values of a block, `[rows, heads, tokens so far, width / heads]` each. */
export type Kept = { readonly keys: Tensor; readonly values: Tensor }

/** One token's attention to itself and all before it: softmax(q K^T / sqrt(size)) V. */
const attend = (tree: Tree, x: Tensor, heads: number, before: Kept | undefined) => {
  const [, rows, , width] = x.shape as [number, number, number, number]
  const size = headWidth(width, heads)
  const [query, key, value] = tf
    .split(applyDense(within("qkv", tree), x), 3, -1)
    .map((part) => tf.reshape(part, [rows, heads, 1, size])) as [Tensor, Tensor, Tensor]
  const keys = before === undefined ? key : tf.concat([before.keys, key], 2)
  const values = before === undefined ? value : tf.concat([before.values, value], 2)
  const seen = tf.softmax(tf.mul(tf.matMul(query, keys, false, true), 1 / Math.sqrt(size)))
  const out = applyDense(within("out", tree), tf.reshape(tf.matMul(seen, values), [1, rows, 1, width]))
  return { out, kept: { keys, values } }
}

/**
 * Logits `[rows, vocabulary]` after a token of each row, `ids` `[1, rows, 1]`, which stands at `place`; `before` is what was kept of the
 * tokens before it, a block each. The same as `applyTransformer` of all of them, at their last.
 */
export const applyNext = (
  { vocabulary, blocks, heads, activation, tied }: Omit<TransformerShape, "members">,
  tree: Tree,
  ids: Tensor,
  place: number,
  before: ReadonlyArray<Kept>,
): { logits: Tensor; kept: Array<Kept> } => {
  const embedded = applyEmbedding(within("embedding", tree), ids)
  const [, rows, , width] = embedded.shape as [number, number, number, number]
  const position = tf.slice(within("positions", tree)["table"]!, [0, place, 0], [1, 1, width])
  let h = tf.add(embedded, tf.reshape(position, [1, 1, 1, width]))
  const kept: Array<Kept> = []
  for (let i = 0; i < blocks; i++) {
    const block = within(`blocks/${i}`, tree)
    const { out, kept: own } = attend(
      within("attention", block),
      applyLayerNorm(within("norm1", block), h),
      heads,
      before[i],
    )
    kept.push(own)
    h = residual(tf.add(h, out), (h) => {
      const up = applyDense(within("up", block), applyLayerNorm(within("norm2", block), h))
      return applyDense(within("down", block), activations[activation].apply(up))
    })
  }
  const last = applyLayerNorm(within("norm", tree), h)
  const logits = tied ? unembed(within("embedding", tree), last) : applyDense(within("head", tree), last)
  return { logits: tf.reshape(logits, [rows, vocabulary]), kept }
}
