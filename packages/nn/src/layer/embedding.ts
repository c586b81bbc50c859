/** Embeddings: a row of a table for each whole number. */
import type { Parameters } from "@relent/arrow"
import type { Source } from "@relent/random"
import { type Tensor, tf, type Tree } from "@relent/tensor"
import { initLayer, normal, type Plan } from "./plan.ts"

export interface Embedding {
  /** Ids are below it. */
  readonly vocabulary: number
  readonly width: number
  readonly members: number
  /** Standard deviation of what it starts from. */
  readonly spread: number
}

/** `table: [vocabulary, width]` normal. */
export const embeddingPlan = ({ vocabulary, width, spread }: Omit<Embedding, "members">): Plan => ({
  table: normal(spread, vocabulary, width),
})

/** `table: [members, vocabulary, width]`. */
export const initEmbedding = ({ members, ...embedding }: Embedding, random: Source, layer: number): Parameters =>
  initLayer(embeddingPlan(embedding), members, random, layer)

/**
 * The rows of int32 ids: `[members, batch, ..., width]` from `[members or 1, batch, ...]`. All members are one look-up. Ids must lie in
 * 0 … vocabulary - 1: nothing checks them here.
 */
export const applyEmbedding = ({ table }: Tree, ids: Tensor): Tensor => {
  const [members, vocabulary, width] = table!.shape as [number, number, number]
  const first = Int32Array.from({ length: members }, (_, m) => m * vocabulary)
  const own = tf.add(ids, tf.tensor(first, [members, ...ids.shape.slice(1).map(() => 1)], "int32"))
  return tf.gather(tf.reshape(table!, [members * vocabulary, width]), members === 1 ? ids : own)
}

/**
 * The way back by the same table: x E^T, logits `[members, ..., vocabulary]` of `[members, ..., width]`.
 *
 * @reference press2017using
 */
export const unembed = ({ table }: Tree, x: Tensor): Tensor => {
  const [members, vocabulary, width] = table!.shape as [number, number, number]
  const logits = tf.matMul(tf.reshape(x, [members, -1, width]), table!, false, true)
  return tf.reshape(logits, [members, ...x.shape.slice(1, -1), vocabulary])
}
