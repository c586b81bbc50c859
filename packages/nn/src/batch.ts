/** Which rows of the data a step sees. */
import type { Source } from "@relent/random"

/** The rows of a step. */
export interface Batch {
  /** From 0: what draws of the step are keyed by. */
  readonly step: number
  readonly members: number
  /** Rows a member. */
  readonly size: number
  /** Row numbers of each member, one member after the other: `members * size` of them. */
  readonly rows: Int32Array
}

export interface BatchOrder {
  readonly examples: number
  readonly members: number
  /** Rows a member and step. */
  readonly batch: number
  readonly random: Source
}

/** Whole batches in a pass over the data; the rows left over belong to another pass's batches. */
export const stepsPerEpoch = ({ examples, batch }: Pick<BatchOrder, "examples" | "batch">): number =>
  Math.floor(examples / batch)

/** The batch of a step: each member goes through orders of its own, `random("order", member, epoch)`, an epoch after the other. */
export const batches = (order: BatchOrder): ((step: number) => Batch) => {
  const { examples, members, batch, random } = order
  const perEpoch = stepsPerEpoch(order)
  let known: { readonly epoch: number; readonly orders: ReadonlyArray<Int32Array> } | undefined
  return (step) => {
    const epoch = Math.floor(step / perEpoch)
    if (known?.epoch !== epoch)
      known = {
        epoch,
        orders: Array.from({ length: members }, (_, m) => random("order", m, epoch).permutation(examples)),
      }
    const from = (step % perEpoch) * batch
    const rows = new Int32Array(members * batch)
    known.orders.forEach((order, m) => rows.set(order.subarray(from, from + batch), m * batch))
    return { step, members, size: batch, rows }
  }
}

/** The batch in pieces of `size` rows a member. */
export const pieces = (batch: Batch, size: number): ReadonlyArray<Batch> =>
  size === batch.size
    ? [batch]
    : Array.from({ length: batch.size / size }, (_, i) => {
        const rows = new Int32Array(batch.members * size)
        for (let m = 0; m < batch.members; m++)
          rows.set(batch.rows.subarray(m * batch.size + i * size, m * batch.size + (i + 1) * size), m * size)
        return { step: batch.step, members: batch.members, size, rows }
      })
