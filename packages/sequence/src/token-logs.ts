/** Log-probabilities of tokens, without the logits of a whole vocabulary at once. */
import { logSumExp, operation, taped, type Tensor, tf } from "@relent/tensor"

/** What the logits of a piece of the vocabulary may take, in bytes. */
const budget = 64e6

/** Rows of a table in pieces whose logits for `rows` fit into the budget; at least one token each. */
const piecesOf = (table: Tensor, rows: number, bytes: number): ReadonlyArray<() => Tensor> => {
  const [vocabulary, width] = table.shape as [number, number]
  const size = Math.max(1, Math.floor(bytes / (4 * Math.max(1, rows))))
  return Array.from({ length: Math.ceil(vocabulary / size) }, (_, k) => {
    return () => tf.slice(table, [k * size, 0], [Math.min(size, vocabulary - k * size), width])
  })
}

const logitsOf = (hidden: Tensor, table: Tensor) => tf.matMul(hidden, table, false, true)

/** `log sum_v e^(h . E[v])`, `[rows]`. */
const totalOf = (hidden: Tensor, table: Tensor, bytes: number): Tensor => {
  const pieces = piecesOf(table, hidden.shape[0], bytes)
  return logSumExp(
    tf.stack(
      pieces.map((piece) => tf.tidy(() => logSumExp(logitsOf(hidden, piece())))),
      1,
    ),
  )
}

const column = (x: Tensor) => tf.expandDims(x, 1)

const run = operation<"hidden" | "table" | "tokens", { readonly bytes: number }>({
  kernel: "RelentTokenLogs",
  inputs: ["hidden", "table", "tokens"],
  outputs: 2,
  compute: ({ hidden, table, tokens }, { bytes }) => {
    const total = totalOf(hidden, table, bytes)
    const chosen = tf.sum(tf.mul(hidden, tf.gather(table, tokens as tf.Tensor1D)), 1)
    return [tf.sub(chosen, total), total]
  },
  gradient: (dy, { hidden, table, tokens }, [, known], { bytes }) => {
    const [ids, weight] = [tokens as tf.Tensor1D, column(dy)]
    const total = column(taped() ? totalOf(hidden, table, bytes) : known!)
    let toHidden = tf.mul(tf.gather(table, ids), weight)
    const toTable = piecesOf(table, hidden.shape[0], bytes).map((piece) => {
      const [dh, dE] = tf.tidy((): [Tensor, Tensor] => {
        const own = piece()
        const p = tf.mul(tf.exp(tf.sub(logitsOf(hidden, own), total)), weight)
        return [tf.matMul(p, own), tf.matMul(p, hidden, true, false)]
      })
      toHidden = tf.sub(toHidden, dh)
      return dE
    })
    return {
      hidden: () => toHidden,
      table: () => tf.sub(tf.unsortedSegmentSum(tf.mul(hidden, weight), ids, table.shape[0]), tf.concat(toTable, 0)),
      tokens: () => tf.zeros(tokens.shape),
    }
  },
})

/**
 * `log softmax(h E^T)` at a token, `[rows]`: of hidden states `h` `[rows, width]`, a table `E` `[vocabulary, width]` and int32 tokens
 * `[rows]`, which must lie in 0 … vocabulary - 1. Logits are there for one piece of the vocabulary at a time, in at most `bytes`; for
 * the gradient each piece is computed once more.
 *
 *     value  = h . E[token] - log sum_v e^(h . E[v])
 *     d h    = E[token] - sum_v p_v E[v],   d E[v] = (1[v = token] - p_v) h,   p = softmax(h E^T)
 */
export const tokenLogs = (hidden: Tensor, table: Tensor, tokens: Tensor, bytes: number = budget): Tensor =>
  run({ hidden, table, tokens }, { bytes })
