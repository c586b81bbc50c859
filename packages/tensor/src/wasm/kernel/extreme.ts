/** The larger or smaller of two numbers. */
import { tf } from "../../tf.ts"
import { areFloats, float, type OwnKernel, type Shaped, sizeOf } from "../own.ts"
import { Cost, overNumbers, overParts, rowsOf } from "../share.ts"

/** How often the smaller operand is repeated for the larger, whole or, where `single`, number by number; nothing for other ways. */
const repeated = (whole: Shaped, part: Shaped) => {
  const [size, width] = [sizeOf(whole.shape), sizeOf(part.shape)]
  if (part.shape.length > whole.shape.length) return undefined
  if (width === 1) return { rows: 1, width: size, single: true }
  const own = part.shape.slice(part.shape.findIndex((n) => n !== 1))
  if (own.join() === whole.shape.slice(-own.length).join())
    return { rows: width === 0 ? 0 : size / width, width, single: false }
  const [rows, length] = rowsOf(whole)
  const column = part.shape.join() === [...whole.shape.slice(0, -1), 1].join()
  return column ? { rows, width: length, single: true } : undefined
}

const extreme = (kernel: string, name: "maximum" | "minimum"): OwnKernel<"a" | "b", {}> => ({
  kernel,
  why: "NaN of NaN whichever side it is on; four numbers at a time, by threads",
  outputs: ({ a, b }) => {
    if (!areFloats(a, b)) return undefined
    const whole = repeated(a, b) ? a : repeated(b, a) ? b : undefined
    return whole && [float([...whole.shape])]
  },
  bind: (machine, { a, b }, [out]) => {
    const [whole, part] = repeated(a, b) ? [a, b] : [b, a]
    const { rows, width, single } = repeated(whole, part)!
    if (rows === 1)
      return overNumbers(machine, whole, Cost.moved, (at, count) => {
        return [name, at(whole), single ? part.address : at(part), at(out!), 1, count, single]
      })
    return overParts(machine, { count: rows, cost: rows * width * Cost.moved }, (at, count) => {
      return [name, at(whole), single ? at(part) : part.address, at(out!), count, width, single]
    })
  },
})

export const extremes: ReadonlyArray<OwnKernel<"a" | "b", {}>> = [
  extreme(tf.Maximum, "maximum"),
  extreme(tf.Minimum, "minimum"),
]
