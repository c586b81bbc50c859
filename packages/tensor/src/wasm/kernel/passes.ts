/** Axes in passes: what is folded along several, or repeated, one run of them after the other. */
import type { Machine } from "../machine.ts"
import { FLOAT, type Place, sizeOf } from "../own.ts"

export type Shape = ReadonlyArray<number>

/** The middle axis of `[outer, along, inner]`. */
export interface Pass {
  readonly outer: number
  readonly along: number
  readonly inner: number
}

/** Axes that lie together and share their fate are one, and those of length 1 are none. */
export const runsOf = <Fate>(shape: Shape, fateOf: (axis: number) => Fate): Array<{ size: number; fate: Fate }> => {
  const runs: Array<{ size: number; fate: Fate }> = []
  for (const [axis, size] of shape.entries()) {
    if (size === 1) continue
    const [last, fate] = [runs.at(-1), fateOf(axis)]
    if (last !== undefined && last.fate === fate) last.size *= size
    else runs.push({ size, fate })
  }
  return runs
}

/** The marked axes of a shape, one pass for each run of them, the last one first; and the size of what doesn't have them. */
export const passesOf = (shape: Shape, axes: Shape): ReadonlyArray<Pass> => {
  const runs = runsOf(shape, (axis) => axes.includes(axis))
  const size = (from: number, to?: number) => sizeOf(runs.slice(from, to).map((run) => run.size))
  const passes: Array<Pass> = []
  for (let at = runs.length - 1; at >= 0; at--)
    if (runs[at]!.fate) {
      passes.push({ outer: size(0, at), along: runs[at]!.size, inner: size(at + 1) })
      runs.splice(at, 1)
    }
  return passes.length > 0 ? passes : [{ outer: 1, along: 1, inner: sizeOf(shape) }]
}

/** Addresses of so many floats each in one piece of room, and that of the output at the end. */
export const placesOf = (machine: Machine, sizes: Shape, out: Place): Shape => {
  const between = sizes.slice(0, -1)
  const floats = (count: number) => between.slice(0, count).reduce((sum, n) => sum + n, 0)
  const room = between.length === 0 ? 0 : machine.scratch(floats(between.length) * FLOAT)
  return [...between.map((_, i) => room + floats(i) * FLOAT), out.address]
}
