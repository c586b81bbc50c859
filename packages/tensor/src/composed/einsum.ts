/** Einstein's summation of one or two tensors. */
import { type Tensor, tf } from "../tf.ts"
import type { ComposedKernel, Inputs } from "./kernel.ts"

const without = (labels: ReadonlyArray<number>, others: ReadonlyArray<number>) =>
  labels.filter((l) => !others.includes(l))
const common = (labels: ReadonlyArray<number>, others: ReadonlyArray<number>) =>
  labels.filter((l) => others.includes(l))

/** A tensor and the label of each of its axes. */
interface Term {
  readonly x: Tensor
  readonly labels: ReadonlyArray<number>
}

/** The sum over all labels that aren't kept. */
const reduced = ({ x, labels }: Term, kept: ReadonlyArray<number>): Term => {
  const axes = labels.flatMap((label, axis) => (kept.includes(label) ? [] : [axis]))
  return axes.length === 0 ? { x, labels } : { x: tf.sum(x, axes), labels: common(labels, kept) }
}

const ordered = ({ x, labels }: Term, order: ReadonlyArray<number>): Tensor =>
  order.every((label, axis) => labels[axis] === label)
    ? x
    : tf.transpose(
        x,
        order.map((label) => labels.indexOf(label)),
      )

/**
 * `y[batch, left, right] = sum over inner of a[batch, left, inner] b[batch, inner, right]`: what only one of the two has is summed
 * first, the rest is a matrix product.
 */
const product = (a: Term, b: Term, out: ReadonlyArray<number>): Term => {
  const [left, right] = [reduced(a, [...out, ...b.labels]), reduced(b, [...out, ...a.labels])]
  const shared = common(left.labels, right.labels)
  const [batch, inner] = [common(shared, out), without(shared, out)]
  const [rows, columns] = [without(left.labels, shared), without(right.labels, shared)]
  const lengthOf = (label: number) =>
    left.labels.includes(label)
      ? left.x.shape[left.labels.indexOf(label)]!
      : right.x.shape[right.labels.indexOf(label)]!
  const size = (labels: ReadonlyArray<number>) => labels.reduce((size, label) => size * lengthOf(label), 1)
  const x = tf.matMul(
    tf.reshape(ordered(left, [...batch, ...rows, ...inner]), [size(batch), size(rows), size(inner)]),
    tf.reshape(ordered(right, [...batch, ...inner, ...columns]), [size(batch), size(inner), size(columns)]),
  )
  const labels = [...batch, ...rows, ...columns]
  return { x: tf.reshape(x, labels.map(lengthOf)), labels }
}

/** `ij,jk->ik` and the like: labels of the output come first in the library's numbering. */
export const einsum: ComposedKernel = {
  name: tf.Einsum,
  compute: (inputs: Inputs<{ readonly [name: string]: tf.TensorInfo }>, { equation }: tf.EinsumAttrs) => {
    const tensors = Object.values(inputs)
    const { allDims, summedDims, idDims } = tf.backend_util.decodeEinsumEquation(equation, tensors.length)
    tf.backend_util.checkEinsumDimSizes(allDims.length, idDims, tensors)
    const out = Array.from({ length: allDims.length - summedDims.length }, (_, label) => label)
    const [first, second] = tensors.map((x, i): Term => ({ x, labels: idDims[i]! }))
    return tf.clone(ordered(second === undefined ? reduced(first!, out) : product(first!, second, out), out))
  },
}
