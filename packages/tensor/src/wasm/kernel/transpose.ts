/** Axes in another order. */
import { tf } from "../../tf.ts"
import { areFloats, FLOAT, float, type OwnKernel, sizeOf } from "../own.ts"
import { Cost } from "../share.ts"

type Shape = ReadonlyArray<number>
interface Order {
  readonly perm: Array<number>
}
/** An axis, or several that stay together: how many, and how far apart in bytes. */
interface Axis {
  readonly n: number
  readonly from: number
  readonly to: number
}

const stridesOf = (shape: Shape): Shape => shape.map((_, axis) => sizeOf(shape.slice(axis + 1)) * FLOAT)

/** The axes of the result, without those of length 1, those that stay together as one. */
const axesOf = (shape: Shape, perm: Shape): ReadonlyArray<Axis> => {
  const strides = stridesOf(shape)
  const made = perm.map((axis) => shape[axis]!)
  const to = stridesOf(made)
  const axes: Array<Axis> = []
  for (const [i, axis] of perm.entries()) {
    const n = made[i]!
    if (n === 1) continue
    const next = { n, from: strides[axis]!, to: to[i]! }
    const last = axes.at(-1)
    if (last !== undefined && last.from === n * next.from) axes.splice(-1, 1, { ...next, n: last.n * n })
    else axes.push(next)
  }
  return axes
}
/** A plane and four axes around it. */
const most = 6

export const transpose: OwnKernel<"x", Order> = {
  kernel: tf.Transpose,
  why: "the stock kernel moves one number after the other",
  outputs: ({ x }, { perm }) =>
    areFloats(x) && (sizeOf(x.shape) === 0 || axesOf(x.shape, perm).length <= most)
      ? [float(perm.map((axis) => x.shape[axis]!))]
      : undefined,
  bind: (machine, { x }, [out], { perm }) => {
    const one = { n: 1, from: 0, to: 0 }
    if (sizeOf(x.shape) === 0) return () => {}
    const axes = axesOf(x.shape, perm)
    const last = axes.at(-1) ?? { n: 1, from: FLOAT, to: FLOAT }
    const stays = last.from === FLOAT
    // The last axis of x is the plane's other one, wherever it goes; where it stays, the one before.
    const other = (stays ? axes.at(-2) : axes.find(({ from }) => from === FLOAT)) ?? one
    const around = axes.filter((axis) => axis !== last && axis !== other)
    const [a, b, c, d] = [...Array.from({ length: most - 2 - around.length }, () => one), ...around]
    // Threads share the first axis that has enough for them, else the longest; a turned plane by blocks.
    const grainOf = (axis: Axis) => (axis === last || (axis === other && !stays) ? 16 : 1)
    const enough = (axis: Axis) => axis.n >= machine.threads * grainOf(axis)
    const shared = axes.find(enough) ?? axes.reduce((long, axis) => (axis.n > long.n ? axis : long), last)
    const cost = sizeOf(x.shape) * (stays ? Cost.moved : Cost.computed)
    return machine.share({ count: shared.n, grain: grainOf(shared), cost }, (first, end) => {
      const many = (axis: Axis) => (axis === shared ? end - first : axis.n)
      const outer = [a, b, c, d].flatMap((axis) => [many(axis!), axis!.from, axis!.to]) as Twelve
      const places = [x.address + first * shared.from, out!.address + first * shared.to] as const
      return stays
        ? ["transpose", false, ...places, ...outer, many(other), many(last), other.from, other.to]
        : ["transpose", true, ...places, ...outer, many(last), many(other), last.from, other.to]
    })
  },
}
type Three = [number, number, number]
type Twelve = [...Three, ...Three, ...Three, ...Three]
