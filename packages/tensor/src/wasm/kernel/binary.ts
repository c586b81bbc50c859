/** One operation on two numbers, where an operand is repeated along the axes that it doesn't have. */
import { tf } from "../../tf.ts"
import { areFloats, float, type OwnKernel, type Shaped } from "../own.ts"
import { Cost, overParts } from "../share.ts"

/** Compiled functions of two operands. */
type Binary = "add" | "divide" | "maximum" | "minimum" | "multiply" | "squaredDifference" | "subtract"

/** An axis of the result, or several in a row that the operands have alike. */
interface Axis {
  readonly length: number
  readonly a: boolean
  readonly b: boolean
}

const axesOf = (a: Shaped, b: Shaped): ReadonlyArray<Axis> => {
  const axes: Array<Axis> = []
  const rank = Math.max(a.shape.length, b.shape.length)
  for (let i = -rank; i < 0; i++) {
    const [m, n] = [a.shape.at(i) ?? 1, b.shape.at(i) ?? 1]
    const axis = { length: m === 1 ? n : m, a: m !== 1, b: n !== 1 }
    if (!axis.a && !axis.b) continue
    const before = axes.at(-1)
    if (before?.a === axis.a && before.b === axis.b) axes.push({ ...axis, length: axes.pop()!.length * axis.length })
    else axes.push(axis)
  }
  return axes
}

const one: Axis = { length: 1, a: true, b: true }
/** At most three of them, the last one dense: groups of rows. */
const groupsOf = (axes: ReadonlyArray<Axis>) =>
  [one, one, one, ...axes].slice(-3) as unknown as readonly [Axis, Axis, Axis]

const binary = (kernel: string, name: Binary, why: string): OwnKernel<"a" | "b", {}> => ({
  kernel,
  why,
  outputs: ({ a, b }) =>
    areFloats(a, b) && axesOf(a, b).length <= 3
      ? [float(tf.backend_util.assertAndGetBroadcastShape(a.shape, b.shape))]
      : undefined,
  bind: (machine, { a, b }, [out]) => {
    const axes = groupsOf(axesOf(a, b))
    const lengths = axes.map(({ length }) => length)
    const has = (which: "a" | "b") => axes.reduce((bits, axis) => bits * 2 + Number(axis[which]), 0)
    const longest = lengths.findIndex((length) => length > 1)
    const shared = longest === -1 ? 2 : longest
    const cost = lengths.reduce((product, length) => product * length, Cost.moved)
    return overParts(machine, { count: lengths[shared]!, cost, grain: shared === 2 ? 16 : 1 }, (at, count) => {
      const [groups, rows, width] = lengths.with(shared, count) as [number, number, number]
      const placeOfA = axes[shared]!.a ? at(a) : a.address
      const placeOfB = axes[shared]!.b ? at(b) : b.address
      return [name, placeOfA, has("a"), placeOfB, has("b"), at(out!), groups, rows, width]
    })
  },
})

const same = "the stock kernel is on one thread, and a recorded call of it costs more than a short row"
const extreme = "NaN of NaN whichever side it is on; four numbers at a time, by threads"

export const binaries: ReadonlyArray<OwnKernel<"a" | "b", {}>> = [
  binary(tf.Add, "add", same),
  binary(tf.Sub, "subtract", same),
  binary(tf.Multiply, "multiply", same),
  binary(tf.RealDiv, "divide", same),
  binary(tf.SquaredDifference, "squaredDifference", same),
  binary(tf.Maximum, "maximum", extreme),
  binary(tf.Minimum, "minimum", extreme),
]
