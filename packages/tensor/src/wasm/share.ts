/** What threads share besides products: rows, numbers, and axes of tensors. */
import type { Machine } from "./machine.ts"
import { FLOAT, type Place, type Shaped, sizeOf } from "./own.ts"
import type { Call } from "./threads/pool.ts"

/** What a number takes, about, in multiplications of a product: one that is moved or added, a few operations, an exponential. */
export const Cost = { moved: 4, computed: 12, exponential: 30 } as const

/** Where a share begins in a tensor. */
export type At = (place: Place) => number
/** Where a share begins in each tensor that has as many parts, how many of them it has, and the number of its first. */
type Share = (at: At, count: number, first: number) => Call

/** Room of so many bytes for each share of a call, one after the other. */
export const rooms = (machine: Machine, bytes: number): (() => number) => {
  const first = machine.scratch(machine.threads * bytes)
  let shares = 0
  return () => first + bytes * shares++
}

/** Parts that lie one after the other, of what costs so much together: a tensor may be shared by rows, by members, by numbers. */
export const overParts = (
  machine: Machine,
  { count, cost, grain = 1 }: { readonly count: number; readonly cost: number; readonly grain?: number },
  call: Share,
): (() => void) =>
  machine.share({ count, grain, cost }, (from, to) =>
    call(({ address, shape }) => address + (from === 0 ? 0 : (sizeOf(shape) / count) * from * FLOAT), to - from, from),
  )

/** How many rows there are, and how long they are. */
export const rowsOf = ({ shape }: Shaped): readonly [rows: number, length: number] => [
  sizeOf(shape.slice(0, -1)),
  shape.at(-1)!,
]

/** The rows of a tensor, at so much for each number: the call is told how many there are in a share, and how long. */
export const overRows = (
  machine: Machine,
  whole: Shaped,
  each: number,
  call: (at: At, sizes: ReturnType<typeof rowsOf>, first: number) => Call,
): (() => void) => {
  const [count, length] = rowsOf(whole)
  const cost = count * length * each
  return overParts(machine, { count, cost }, (at, rows, first) => call(at, [rows, length], first))
}

/** Numbers by themselves: a share begins with a line of the cache. */
export const overNumbers = (machine: Machine, { shape }: Shaped, each: number, call: Share): (() => void) =>
  overParts(machine, { count: sizeOf(shape), cost: sizeOf(shape) * each, grain: 16 }, call)

/** Groups of rows, or the rows of one group: `of` says where what a group has once begins. */
export const overGroups = (
  machine: Machine,
  { groups, rows, cost }: { readonly groups: number; readonly rows: number; readonly cost: number },
  call: (at: At, of: At, groups: number, rows: number) => Call,
): (() => void) =>
  groups === 1
    ? overParts(machine, { count: rows, cost }, (at, count) => call(at, ({ address }) => address, 1, count))
    : overParts(machine, { count: groups, cost }, (at, count) => call(at, at, count, rows))
