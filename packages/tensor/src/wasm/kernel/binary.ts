/** One operation on two numbers, where an operand is repeated along the axes that it doesn't have. */
import { tf } from "../../tf.ts"
import type { Machine } from "../machine.ts"
import { areFloats, FLOAT, float, inOrder, type OwnKernel, type Place, sizeOf } from "../own.ts"
import { Cost, overParts } from "../share.ts"
import { runsOf, type Shape } from "./passes.ts"

/** Compiled functions of two operands. */
type Binary = "add" | "divide" | "maximum" | "minimum" | "multiply" | "squaredDifference" | "subtract"
type Operand = "a" | "b"

/** An axis of the result, or several in a row that the operands have alike. */
interface Axis {
  readonly length: number
  readonly a: boolean
  readonly b: boolean
}
const one: Axis = { length: 1, a: true, b: true }

/** At least three. */
const axesOf = (whole: Shape, a: Shape, b: Shape): ReadonlyArray<Axis> => {
  const has = (shape: Shape, axis: number) => (shape.at(axis - whole.length) ?? 1) !== 1
  const runs = runsOf(whole, (axis) => (!has(a, axis) ? "b" : has(b, axis) ? "both" : "a"))
  const axes = runs.map(({ size, fate }) => ({ length: size, a: fate !== "b", b: fate !== "a" }))
  return [one, one, one, ...axes].slice(Math.min(3, axes.length))
}

const shapeOf = (axes: ReadonlyArray<Axis>, operand: Operand) => axes.map((axis) => (axis[operand] ? axis.length : 1))

/** Where in an operand each block of the last three axes begins. */
const beginnings = (axes: ReadonlyArray<Axis>, operand: Operand): ReadonlyArray<number> => {
  let all = [0]
  for (const [i, axis] of axes.slice(0, -3).entries()) {
    const stride = axis[operand] ? sizeOf(shapeOf(axes.slice(i + 1), operand)) : 0
    all = all.flatMap((begin) => Array.from({ length: axis.length }, (_, k) => begin + k * stride))
  }
  return all
}

/** Groups of rows: threads share the first axis that there is. */
const block = (
  machine: Machine,
  name: Binary,
  axes: ReadonlyArray<Axis>,
  { a, b, out }: { readonly [name in Operand | "out"]: Place },
): (() => void) => {
  const lengths = axes.map(({ length }) => length)
  const has = (operand: Operand) => axes.reduce((bits, axis) => bits * 2 + Number(axis[operand]), 0)
  const first = lengths.findIndex((length) => length > 1)
  const shared = first === -1 ? 2 : first
  const work = { count: lengths[shared]!, cost: sizeOf(lengths) * Cost.moved, grain: shared === 2 ? 16 : 1 }
  return overParts(machine, work, (at, count) => {
    const [groups, rows, width] = lengths.with(shared, count) as [number, number, number]
    const fromA = axes[shared]!.a ? at(a) : a.address
    const fromB = axes[shared]!.b ? at(b) : b.address
    return [name, fromA, has("a"), fromB, has("b"), at(out), groups, rows, width]
  })
}

/** Where the operands differ in more than three axes there is a call a block; `left` to the kernel before, which has one. */
const binary = (kernel: string, name: Binary, why: string, left: boolean): OwnKernel<Operand, {}> => ({
  kernel,
  why,
  outputs: ({ a, b }) => {
    if (!areFloats(a, b)) return undefined
    const shape = tf.backend_util.assertAndGetBroadcastShape(a.shape, b.shape)
    return left && shape.length > 3 && axesOf(shape, a.shape, b.shape).length > 3 ? undefined : [float(shape)]
  },
  bind: (machine, { a, b }, [out]) => {
    const axes = axesOf(out!.shape, a.shape, b.shape)
    const inner = axes.slice(-3)
    const [begins, others] = [beginnings(axes, "a"), beginnings(axes, "b")]
    const [ofA, ofB, whole] = [shapeOf(inner, "a"), shapeOf(inner, "b"), inner.map(({ length }) => length)]
    const part = (place: Place, shape: Array<number>, begin: number): Place => {
      return { ...place, shape, address: place.address + begin * FLOAT }
    }
    const calls = begins.map((begin, i) => {
      const places = { a: part(a, ofA, begin), b: part(b, ofB, others[i]!), out: part(out!, whole, i * sizeOf(whole)) }
      return block(machine, name, inner, places)
    })
    return inOrder(calls)
  },
})

const same = "the stock kernel is on one thread, and a recorded call of it costs more than a short row"
const extreme = "NaN of NaN whichever side it is on; four numbers at a time, by threads"

export const binaries: ReadonlyArray<OwnKernel<Operand, {}>> = [
  binary(tf.Add, "add", same, true),
  binary(tf.Sub, "subtract", same, true),
  binary(tf.Multiply, "multiply", same, true),
  binary(tf.RealDiv, "divide", same, true),
  binary(tf.SquaredDifference, "squaredDifference", same, true),
  binary(tf.Maximum, "maximum", extreme, false),
  binary(tf.Minimum, "minimum", extreme, false),
]
