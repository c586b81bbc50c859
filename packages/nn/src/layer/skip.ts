/** Ways around a part of a network. */
import { type Tensor, tf } from "@relent/tensor"

/**
 * x + f(x): f keeps the shape, and begins near nothing where the network is deep.
 *
 * @reference he2016deep
 */
export const residual = (x: Tensor, f: (x: Tensor) => Tensor): Tensor => tf.add(x, f(x))

/** Channels after a concatenating skip: what the next layer has for inputs. */
export const concatenatedWidth = (...widths: ReadonlyArray<number>): number =>
  widths.reduce((sum, width) => sum + width, 0)

/**
 * Tensors beside each other along the last axis, `[members, ..., sum of the widths]` from `[members or 1, ..., width]` each: what was
 * kept from before meets what came through. The axes between are equal; `resize` makes them so.
 *
 * @reference ronneberger2015unet
 */
export const concatenated = (...tensors: ReadonlyArray<Tensor>): Tensor => {
  const members = Math.max(...tensors.map((tensor) => tensor.shape[0]))
  const forAll = (x: Tensor) => (x.shape[0] === members ? x : tf.concat(Array.from({ length: members }, () => x)))
  // As rows: wasm cuts the gradient of more than four axes number by number.
  const rows = tensors.map((x) => tf.reshape(forAll(x), [-1, x.shape.at(-1)!]))
  return tf.reshape(tf.concat(rows, -1), [members, ...tensors[0]!.shape.slice(1, -1), -1])
}
