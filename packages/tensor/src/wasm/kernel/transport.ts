/** Half-steps of entropic optimal transport: sums in logs along the rows of the cost, or down its columns, which are turned a strip at a time. */
import { type HalfStep, HalfStepGradKernel, HalfStepKernel } from "../../op/transport.ts"
import type { Machine } from "../machine.ts"
import { FLOAT, float, type OwnKernel, type Place, type Shaped, sizeOf } from "../own.ts"
import { Cost, overGroups, overParts, rooms } from "../share.ts"
import type { Call } from "../threads/pool.ts"

/** Columns that are turned at once: two lines of the cache. */
const strip = 32

const sizesOf = ({ shape }: Shaped) => {
  const [rows, columns] = shape.slice(-2) as [number, number]
  return { groups: sizeOf(shape.slice(0, -2)), rows, columns, cost: sizeOf(shape) * Cost.exponential }
}
const numbersOf = ({ epsilon, logMass }: HalfStep) => [-1 / epsilon, logMass] as const

type Inputs = { readonly [name in "cost" | "h"]: Place }

const ofRows = (machine: Machine, { cost, h }: Inputs, y: Place, step: HalfStep): (() => void) => {
  const { columns, ...sizes } = sizesOf(cost)
  const room = rooms(machine, columns * FLOAT)
  return overGroups(machine, sizes, (at, of, groups, rows) => [
    "transportRows",
    at(cost),
    of(h),
    at(y),
    room(),
    groups,
    rows,
    columns,
    ...numbersOf(step),
  ])
}

const ofColumns = (machine: Machine, { cost, h }: Inputs, y: Place, step: HalfStep): (() => void) => {
  const { groups, rows, columns, cost: price } = sizesOf(cost)
  // No power of two, whose places would take each other's in the cache.
  const apart = (rows + 20) * FLOAT
  const room = rooms(machine, (strip + 1) * apart)
  const call = (places: readonly [number, number, number], groups: number, many: number): Call => {
    const sizes = [groups, rows, many, columns * FLOAT] as const
    return ["transportColumns", ...places, room(), strip, apart, ...sizes, ...numbersOf(step)]
  }
  if (groups > 1)
    return overParts(machine, { count: groups, cost: price }, (at, count) =>
      call([at(cost), at(h), at(y)], count, columns),
    )
  return machine.share({ count: columns, grain: strip, cost: price }, (from, to) =>
    call([cost.address + from * FLOAT, h.address, y.address + from * FLOAT], 1, to - from),
  )
}

export const halfStep: OwnKernel<"cost" | "h", HalfStep> = {
  kernel: HalfStepKernel,
  why: "sums in logs of what is never written down, along rows or columns",
  outputs: ({ cost }, { of }) => [float([...cost.shape.slice(0, -2), cost.shape.at(of === "rows" ? -2 : -1)!, 1])],
  bind: (machine, inputs, [y], step) => (step.of === "rows" ? ofRows : ofColumns)(machine, inputs, y!, step),
}

export const halfStepGrad: OwnKernel<"dy" | "cost" | "h" | "y", HalfStep> = {
  kernel: HalfStepGradKernel,
  why: "one operation instead of seven",
  outputs: ({ cost }) => [float([...cost.shape])],
  bind: (machine, { dy, cost, h, y }, [out], step) => {
    const { columns, ...sizes } = sizesOf(cost)
    const down = step.of === "columns"
    return overGroups(machine, sizes, (at, of, groups, rows) => {
      const [ofY, ofH] = down ? [of, at] : [at, of]
      const places = [at(cost), ofH(h), ofY(y), ofY(dy), at(out!)] as const
      return ["transportGrad", down, ...places, groups, rows, columns, ...numbersOf(step)]
    })
  },
}
