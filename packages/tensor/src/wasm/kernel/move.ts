/** Parts of tensors moved to parts of others: slices, splits, joins, borders. */
import { tf } from "../../tf.ts"
import type { Machine } from "../machine.ts"
import { FLOAT, inOrder, type OwnKernel, type Place, type Shaped, sizeOf } from "../own.ts"
import { Cost } from "../share.ts"

type Shape = ReadonlyArray<number>
/** As many numbers of an axis, so far apart in bytes. */
type Axis = [n: number, from: number, to: number]

const stridesOf = (shape: Shape): Shape => shape.map((_, axis) => sizeOf(shape.slice(axis + 1)) * FLOAT)
const start = (strides: Shape, begin: Shape) => begin.reduce((at, n, axis) => at + n * strides[axis]!, 0)

/** Axes of a part of the shape `part` in two tensors; those that stay together are one. */
const axesOf = (part: Shape, from: Shape, to: Shape): ReadonlyArray<Axis> => {
  const axes: Array<Axis> = []
  const [fromStrides, toStrides] = [stridesOf(from), stridesOf(to)]
  for (const [axis, n] of part.entries()) {
    if (n === 1) continue
    const [near, far] = [fromStrides[axis]!, toStrides[axis]!]
    const last = axes.at(-1)
    if (last !== undefined && last[1] === n * near && last[2] === n * far) axes.splice(-1, 1, [last[0] * n, near, far])
    else axes.push([n, near, far])
  }
  return axes
}

/** Axes that the compiled function copies: rows of a plane, and four around it. */
const most = 6
/** Numbers that are copied as they are, four bytes each. */
const isKnown = (...tensors: ReadonlyArray<Shaped>) =>
  tensors.every(({ dtype, shape }) => (dtype === "float32" || dtype === "int32") && shape.length <= most)

interface Part {
  readonly shape: Shape
  readonly from: { readonly place: Place; readonly begin: Shape }
  readonly to: { readonly place: Place; readonly begin: Shape }
}

/** Copies a part; threads share its first axis. */
const copied = (machine: Machine, { shape, from, to }: Part): (() => void) => {
  if (sizeOf(shape) === 0) return () => {}
  const axes = axesOf(shape, from.place.shape, to.place.shape)
  const one: Axis = [1, 0, 0]
  const whole = axes.at(-1)?.[1] === FLOAT && axes.at(-1)?.[2] === FLOAT
  const all = whole ? axes : [...axes, [1, FLOAT, FLOAT] satisfies Axis]
  const filled = [...Array.from({ length: most - all.length }, () => one), ...all]
  const first = Math.max(0, most - all.length)
  const addresses = [from, to].map(({ place, begin }) => place.address + start(stridesOf(place.shape), begin))
  const [count, near, far] = filled[first]!
  return machine.share({ count, grain: first === most - 1 ? 16 : 1, cost: sizeOf(shape) * Cost.moved }, (at, end) => {
    const shared = filled.with(first, [end - at, near, far])
    const [a, b, c, d, rows, columns] = shared as unknown as readonly [Axis, Axis, Axis, Axis, Axis, Axis]
    const [x, out] = [addresses[0]! + at * near, addresses[1]! + at * far]
    return ["transpose", false, x, out, ...a, ...b, ...c, ...d, rows[0], columns[0], rows[1], rows[2]]
  })
}
const origin = (shape: Shape) => shape.map(() => 0)

const partOf = (x: Shaped, { begin, size }: tf.SliceAttrs) => {
  const part = tf.slice_util.parseSliceParams(x as unknown as tf.TensorInfo, begin, size)
  const [first, shape] = part as [Array<number>, Array<number>]
  tf.slice_util.assertParamsValid(x as unknown as tf.TensorInfo, first, shape)
  return { first, shape }
}

export const slice: OwnKernel<"x", tf.SliceAttrs> = {
  kernel: tf.Slice,
  why: "the stock kernel copies the whole tensor for each part of it",
  outputs: ({ x }, attributes) => (isKnown(x) ? [{ shape: partOf(x, attributes).shape, dtype: x.dtype }] : undefined),
  bind: (machine, { x }, [out], attributes) => {
    const { first, shape } = partOf(x, attributes)
    return copied(machine, { shape, from: { place: x, begin: first }, to: { place: out!, begin: origin(shape) } })
  },
}

/** Where each part begins along the axis. */
const beginnings = (sizes: Shape): Shape => sizes.map((_, i) => sizes.slice(0, i).reduce((sum, n) => sum + n, 0))
const at = (shape: Shape, axis: number, first: number) => shape.map((_, i) => (i === axis ? first : 0))
const along = (axis: number, shape: Shape) => tf.util.parseAxisParam(axis, [...shape])[0]!

const splitSizes = (x: Shaped, { numOrSizeSplits, axis }: tf.SplitVAttrs) =>
  tf.backend_util.prepareSplitSize(x as unknown as tf.Tensor, numOrSizeSplits, along(axis, x.shape))

export const split: OwnKernel<"x", tf.SplitVAttrs> = {
  kernel: tf.SplitV,
  why: slice.why,
  several: true,
  outputs: ({ x }, attributes) => {
    if (!isKnown(x)) return undefined
    const axis = along(attributes.axis, x.shape)
    return splitSizes(x, attributes).map((n) => ({ shape: x.shape.with(axis, n), dtype: x.dtype }))
  },
  bind: (machine, { x }, outs, attributes) => {
    const axis = along(attributes.axis, x.shape)
    const first = beginnings(splitSizes(x, attributes))
    return inOrder(
      outs.map((out, i) =>
        copied(machine, {
          shape: out.shape,
          from: { place: x, begin: at(x.shape, axis, first[i]!) },
          to: { place: out, begin: origin(out.shape) },
        }),
      ),
    )
  },
}

export const concat: OwnKernel<string, tf.ConcatAttrs> = {
  kernel: tf.Concat,
  why: "the stock kernel copies rows in JavaScript, one by one",
  outputs: (inputs, attributes) => {
    const parts = Object.values(inputs)
    const [{ shape, dtype }] = parts as [Shaped, ...Array<Shaped>]
    if (!isKnown(...parts) || parts.some((part) => part.dtype !== dtype)) return undefined
    const axis = along(attributes.axis, shape)
    const shapes = parts.map((part) => part.shape)
    tf.backend_util.assertParamsConsistent(shapes, axis)
    return [{ shape: tf.backend_util.computeOutShape(shapes, axis), dtype }]
  },
  bind: (machine, inputs, [out], attributes) => {
    const parts = Object.values(inputs)
    const axis = along(attributes.axis, out!.shape)
    const first = beginnings(parts.map(({ shape }) => shape[axis]!))
    return inOrder(
      parts.map((part, i) =>
        copied(machine, {
          shape: part.shape,
          from: { place: part, begin: origin(part.shape) },
          to: { place: out!, begin: at(out!.shape, axis, first[i]!) },
        }),
      ),
    )
  },
}
