/** Log-probabilities of tokens, without the logits of a whole vocabulary at once. */
import { logSumExp, type Tensor, tf } from "@relent/tensor"

/** What the logits of a piece of the vocabulary may take, in bytes. */
const budget = 64e6

/** Pieces `[from, size]` of the vocabulary whose logits of `rows` fit into the budget; at least one token each. */
const piecesOf = (vocabulary: number, rows: number, bytes: number): ReadonlyArray<readonly [number, number]> => {
  const size = Math.max(1, Math.floor(bytes / (4 * Math.max(1, rows))))
  return Array.from({ length: Math.ceil(vocabulary / size) }, (_, k) => {
    return [k * size, Math.min(size, vocabulary - k * size)] as const
  })
}

/**
 * `log softmax(h E^T)` at a token, `[rows]`: of hidden states `h` `[rows, width]`, a table `E` `[vocabulary, width]` and int32 tokens
 * `[rows]`, which must lie in 0 … vocabulary - 1. Logits are there for one piece of the vocabulary at a time, in at most `bytes`; for
 * the gradient, which has no gradient itself, each piece is computed once more.
 *
 *     value  = h . E[token] - log sum_v e^(h . E[v])
 *     d h    = E[token] - sum_v p_v E[v],   d E[v] = (1[v = token] - p_v) h,   p = softmax(h E^T)
 */
export const tokenLogs = (hidden: Tensor, table: Tensor, tokens: Tensor, bytes: number = budget): Tensor => {
  const [vocabulary, width] = table.shape as [number, number]
  const pieces = piecesOf(vocabulary, hidden.shape[0], bytes)
  const part = (E: Tensor, [from, size]: readonly [number, number]) => tf.slice(E, [from, 0], [size, width])
  const logits = (h: Tensor, E: Tensor) => tf.matMul(h, E, false, true)
  const compute = tf.customGrad((h, E, save) => {
    const [hs, table] = [h as Tensor, E as Tensor]
    const sums = pieces.map((piece) => tf.tidy(() => logSumExp(logits(hs, part(table, piece)))))
    const total = logSumExp(tf.stack(sums, 1))
    ;(save as (tensors: Array<Tensor>) => void)([hs, table, total])
    const gradFunc = (dy: Tensor, saved: Array<Tensor>) => {
      const [h, E, total] = saved as [Tensor, Tensor, Tensor]
      const column = (x: Tensor) => tf.expandDims(x, 1)
      let toHidden = tf.mul(tf.gather(E, tokens as tf.Tensor1D), column(dy))
      const toTable = pieces.map((piece) => {
        const [dh, dE] = tf.tidy((): [Tensor, Tensor] => {
          const own = part(E, piece)
          const p = tf.mul(tf.exp(tf.sub(logits(h, own), column(total))), column(dy))
          return [tf.matMul(p, own), tf.matMul(p, h, true, false)]
        })
        toHidden = tf.sub(toHidden, dh)
        return dE
      })
      const chosen = tf.unsortedSegmentSum(tf.mul(h, column(dy)), tokens as tf.Tensor1D, vocabulary)
      return [toHidden, tf.sub(chosen, tf.concat(toTable, 0))]
    }
    return { value: tf.sub(tf.sum(tf.mul(hs, tf.gather(table, tokens as tf.Tensor1D)), 1), total), gradFunc }
  })
  return compute(hidden, table)
}
