/** What training makes small. */
import { type Parameters, tensorValue } from "@relent/arrow"
import { Data } from "effect"
import { type Tensor, tf, type Tree } from "@relent/tensor"
import type { Batch } from "./batch.ts"

/** Arrays that a batch brings to the device, by name: all that changes from step to step. */
export type Inputs = Parameters

/** A loss of each row, `[members, size]`: its mean over a batch is the mean over any pieces of the batch. */
export interface Separable {
  readonly separable: true
  readonly inputs: (batch: Batch) => Inputs
  /** A pure function: it is recorded once, and sees other inputs at every step. */
  readonly of: (parameters: Tree, inputs: Tree) => Tensor
  /** Weights of the rows, as many as `batch.rows`; 0 masks a row. The mean is sum w l / sum w, and 0 where all weights are. */
  readonly weights?: (batch: Batch) => Float32Array
}

/** A loss of each member's batch as a whole, `[members]`: a term between rows, as in MMD or a correlation. */
export interface Coupled {
  readonly separable: false
  readonly inputs: (batch: Batch) => Inputs
  readonly of: (parameters: Tree, inputs: Tree) => Tensor
}

export type Objective = Separable | Coupled

export const separable = (objective: Omit<Separable, "separable">): Separable => ({ ...objective, separable: true })
export const coupled = (objective: Omit<Coupled, "separable">): Coupled => ({ ...objective, separable: false })

/** A loss that is coupled over the batch was asked for in pieces. */
export class LossCoupled extends Data.TaggedError("LossCoupled")<{ readonly batch: number; readonly piece: number }> {
  override get message() {
    return `this loss couples the ${this.batch} rows of a batch: it isn't a mean over pieces of ${this.piece}`
  }
  get hint() {
    return "make the pieces as large as the batch, or the batch smaller"
  }
}

const SHARES = "shares of the batch"

/** What each row of a piece counts in its member's mean over the whole batch: w / sum w, `[members, size]`. */
const shares = (weights: NonNullable<Separable["weights"]>, piece: Batch, batch: Batch): Inputs => {
  const all = weights(batch)
  const totals = Array.from({ length: batch.members }, (_, m) =>
    all.subarray(m * batch.size, (m + 1) * batch.size).reduce((sum, w) => sum + w, 0),
  )
  const share = weights(piece).map((w, i) => (w === 0 ? 0 : w / totals[Math.floor(i / piece.size)]!))
  return { [SHARES]: tensorValue("float32", share, [piece.members, piece.size]) }
}

/** What a piece of a batch brings to the device. */
export const broughtBy = (objective: Objective, piece: Batch, batch: Batch): Inputs => ({
  ...objective.inputs(piece),
  ...(objective.separable && objective.weights !== undefined ? shares(objective.weights, piece, batch) : {}),
})

export interface Gradients {
  /** `[members]` */
  readonly loss: Tensor
  readonly gradients: Tree
}

/**
 * What a piece of a batch of `size` rows adds to the loss and to its gradient: sum_i w_i l_i / sum of w over the whole batch. Members
 * are summed, so that each has its own gradient.
 */
export const gradientsOf = (objective: Objective, parameters: Tree, inputs: Tree, size: number): Gradients => {
  const paths = Object.keys(parameters)
  const loss = (...tensors: Array<Tensor>) => {
    const value = objective.of(Object.fromEntries(paths.map((path, i) => [path, tensors[i]!])), inputs)
    if (!objective.separable) return value
    const share = inputs[SHARES]
    return share === undefined ? tf.div(tf.sum(value, 1), size) : tf.sum(tf.mul(value, share), 1)
  }
  const first = parameters[paths[0]!]!
  const { value, grads } = tf.valueAndGrads(loss)(
    paths.map((path) => parameters[path]!),
    tf.ones([first.shape[0] ?? 1]), // of the sum over members
  )
  return { loss: value, gradients: Object.fromEntries(paths.map((path, i) => [path, grads[i]!])) }
}
