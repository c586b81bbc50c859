/** Rows of a table by number. */
import { type Tensor, tf } from "../tf.ts"
import { operation } from "./operation.ts"

/** Name of the kernel. */
export const SumByIdsKernel = "RelentSumByIds"

/** Rows of `x: [..., width]` added up by their ids: `[rows, width]`. */
const sumByIds: (
  inputs: { readonly x: Tensor; readonly ids: Tensor },
  attributes: { readonly rows: number },
) => Tensor = operation<"x" | "ids", { readonly rows: number }>({
  kernel: SumByIdsKernel,
  inputs: ["x", "ids"],
  compute: ({ x, ids }, { rows }) => {
    const flat = tf.reshape<tf.Rank.R1>(ids, [ids.size])
    const places = tf.cast(tf.oneHot(flat, rows, 1, 0, "int32"), "float32")
    return tf.matMul(places, tf.reshape(x, [ids.size, x.shape.at(-1)!]), true)
  },
  gradient: (dy, { ids }) => ({ x: () => lookUp({ table: dy, ids }, {}), ids: () => tf.zeros(ids.shape) }),
})

const lookUp: (inputs: { readonly table: Tensor; readonly ids: Tensor }, attributes: {}) => Tensor = operation<
  "table" | "ids",
  {}
>({
  kernel: "RelentEmbedding",
  inputs: ["table", "ids"],
  compute: ({ table, ids }) => tf.gather(table, ids),
  gradient: (dy, { table, ids }) => ({
    table: () => sumByIds({ x: dy, ids }, { rows: table.shape[0] }),
    ids: () => tf.zeros(ids.shape),
  }),
})

/**
 * table[ids]: `[..., width]` of a table `[rows, width]` and ids `[...]`, whole numbers (int32) from 0 to rows - 1; with a leading axis of
 * members, `[m, ..., width]` of `[m, rows, width]` and `[m or 1, ...]`. Ids outside aren't looked for, since that would read values.
 */
export const embedding = (table: Tensor, ids: Tensor): Tensor => {
  if (table.rank === 2) return lookUp({ table, ids }, {})
  const [members, rows, width] = table.shape as [number, number, number]
  const first = tf.reshape(
    tf.tensor1d(
      Array.from({ length: members }, (_, m) => m * rows),
      "int32",
    ),
    [members, ...ids.shape.slice(1).map(() => 1)],
  )
  return lookUp({ table: tf.reshape(table, [members * rows, width]), ids: tf.add(ids, first) }, {})
}
