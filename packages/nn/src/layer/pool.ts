/** Pooling over images `[members, batch, height, width, channels]`. */
import { type Tensor, tf } from "@relent/tensor"
import { asOneBatch } from "./members.ts"

export interface Pool {
  /** Height and width of the window, in pixels. */
  readonly size: number
  /** Pixels from one window to the next; by default windows touch and don't overlap. */
  readonly stride?: number
}

/**
 * The largest value of each window, a channel by itself: `[members, batch, height', width', channels]` with
 * height' = floor((height - size) / stride) + 1; what is left at the end isn't looked at. Where several are largest, the backend
 * chooses which one gets the gradient.
 *
 * @reference lecun1998gradient
 */
export const maxPool = (x: Tensor, { size, stride = size }: Pool): Tensor =>
  asOneBatch(x, (x) => tf.maxPool(x as tf.Tensor4D, size, stride, "valid"))

/** The mean of each window, of the same shape as `maxPool`. */
export const averagePool = (x: Tensor, { size, stride = size }: Pool): Tensor =>
  asOneBatch(x, (x) => tf.avgPool(x as tf.Tensor4D, size, stride, "valid"))

/**
 * The mean of each channel: `[members, batch, channels]` from `[members, batch, ..., channels]`.
 *
 * @reference lin2014network
 */
export const globalAveragePool = (x: Tensor): Tensor =>
  tf.mean(
    x,
    x.shape.slice(2, -1).map((_, i) => i + 2),
  )
