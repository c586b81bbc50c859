/** Members are a leading axis; operations that know only one network are done for each, or for all as one larger batch. */
import { type Tensor, tf } from "@relent/tensor"

const count = (tensors: ReadonlyArray<Tensor>) => Math.max(...tensors.map((tensor) => tensor.shape[0]))

/**
 * `f` of every member's part of the tensors, which have an axis of members, or of 1 for all of them. One member is one call, between
 * two reshapes.
 */
export const eachMember = (tensors: ReadonlyArray<Tensor>, f: (...parts: Array<Tensor>) => Tensor): Tensor => {
  const members = count(tensors)
  if (members === 1) return tf.expandDims(f(...tensors.map((tensor) => tf.squeeze(tensor, [0]))), 0)
  const parts = tensors.map((tensor) =>
    tensor.shape[0] === 1 ? Array.from({ length: members }, () => tf.squeeze(tensor, [0])) : tf.unstack(tensor),
  )
  return tf.stack(Array.from({ length: members }, (_, m) => f(...parts.map((part) => part[m]!))))
}

/** `f` of `[members * batch, ...]` instead of `[members, batch, ...]`, where no parameter tells members apart. */
export const asOneBatch = (x: Tensor, f: (rows: Tensor) => Tensor): Tensor => {
  const [members, batch, ...rest] = x.shape as [number, number, ...Array<number>]
  const y = f(tf.reshape(x, [members * batch, ...rest]))
  return tf.reshape(y, [members, batch, ...y.shape.slice(1)])
}

/** A parameter `[members, width]` with the axes of 1 that let it meet x `[members or 1, ..., width]`. */
export const alongLast = (parameter: Tensor, x: Tensor): Tensor => {
  const [members, width] = parameter.shape as [number, number]
  return tf.reshape(parameter, [members, ...x.shape.slice(1, -1).map(() => 1), width])
}
