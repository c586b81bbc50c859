/** What training makes small. */
import { Data } from "effect"
import { type Tensor, tf } from "@relent/tensor"
import type { Batch } from "./batch.ts"
import type { Tree } from "./tree.ts"

/** A loss of each row, `[members, size]`: its mean over a batch is the mean over any pieces of the batch. */
export interface Separable {
  readonly separable: true
  readonly of: (parameters: Tree, batch: Batch) => Tensor
  /** Weights of the rows, as many as `batch.rows`; 0 masks a row. The mean is sum w l / sum w, and 0 where all weights are. */
  readonly weights?: (batch: Batch) => Float32Array
}

/** A loss of each member's batch as a whole, `[members]`: a term between rows, as in MMD or a correlation. */
export interface Coupled {
  readonly separable: false
  readonly of: (parameters: Tree, batch: Batch) => Tensor
}

export type Objective = Separable | Coupled

export const separable = (of: Separable["of"], weights?: Separable["weights"]): Separable =>
  weights === undefined ? { separable: true, of } : { separable: true, of, weights }
export const coupled = (of: Coupled["of"]): Coupled => ({ separable: false, of })

/** A loss that is coupled over the batch was asked for in pieces. */
export class LossCoupled extends Data.TaggedError("LossCoupled")<{ readonly batch: number; readonly piece: number }> {
  override get message() {
    return `this loss couples the ${this.batch} rows of a batch: it isn't a mean over pieces of ${this.piece}`
  }
  get hint() {
    return "make the pieces as large as the batch, or the batch smaller"
  }
}

/** The weight of each member's rows together: the number of rows, unless the objective weighs them. */
export const totalWeights = (objective: Objective, batch: Batch): ReadonlyArray<number> => {
  const weights = objective.separable ? objective.weights?.(batch) : undefined
  return Array.from({ length: batch.members }, (_, m) =>
    weights === undefined
      ? batch.size
      : weights.subarray(m * batch.size, (m + 1) * batch.size).reduce((sum, w) => sum + w, 0),
  )
}

/** What each row of a piece counts in its member's mean: w / sum w, `[members, size]`. */
const shares = (weights: Float32Array, totals: ReadonlyArray<number>, { members, size }: Batch): Tensor =>
  tf.tensor2d(
    weights.map((w, i) => (w === 0 ? 0 : w / totals[Math.floor(i / size)]!)),
    [members, size],
  )

export interface Gradients {
  /** `[members]` */
  readonly loss: Tensor
  readonly gradients: Tree
}

/**
 * What a piece of a batch adds to the loss and to its gradient: sum_i w_i l_i / sum of w over the whole batch. Members are summed,
 * so that each has its own gradient.
 */
export const gradientsOf = (
  objective: Objective,
  parameters: Tree,
  piece: Batch,
  totals: ReadonlyArray<number>,
): Gradients => {
  const paths = Object.keys(parameters)
  const loss = (...tensors: Array<Tensor>) => {
    const value = objective.of(Object.fromEntries(paths.map((path, i) => [path, tensors[i]!])), piece)
    if (!objective.separable) return value
    if (objective.weights === undefined) return tf.div(tf.sum(value, 1), totals[0]!)
    return tf.sum(tf.mul(value, shares(objective.weights(piece), totals, piece)), 1)
  }
  const { value, grads } = tf.valueAndGrads(loss)(
    paths.map((path) => parameters[path]!),
    tf.ones([piece.members]), // of the sum over members
  )
  return { loss: value, gradients: Object.fromEntries(paths.map((path, i) => [path, grads[i]!])) }
}
