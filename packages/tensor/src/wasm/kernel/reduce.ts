/** Sums, means, products, largest and smallest numbers along any axes, and what is repeated along some. */
import { BiasGradKernel, SpreadKernel } from "../../op/broadcast.ts"
import { tf } from "../../tf.ts"
import type { Machine } from "../machine.ts"
import { areFloats, FLOAT, float, inOrder, type OwnKernel, type Place, sizeOf } from "../own.ts"

type Shape = ReadonlyArray<number>
/** As `assembly/reduce.ts` numbers them. */
const kinds = { sum: 0, prod: 1, max: 2, min: 3 } as const
type Fold = keyof typeof kinds

/** The middle axis of `[outer, along, inner]`. */
interface Pass {
  readonly outer: number
  readonly along: number
  readonly inner: number
}

/** Axes that lie together and share their fate are one, and those of length 1 are none. */
const runsOf = (shape: Shape, marked: (axis: number) => boolean) => {
  const runs: Array<{ size: number; marked: boolean }> = []
  for (const [axis, size] of shape.entries()) {
    if (size === 1) continue
    const last = runs.at(-1)
    if (last !== undefined && last.marked === marked(axis)) last.size *= size
    else runs.push({ size, marked: marked(axis) })
  }
  return runs
}

/** The marked axes of a shape, one pass for each run of them, the last one first; and the size of what doesn't have them. */
const passesOf = (shape: Shape, axes: Shape): ReadonlyArray<Pass> => {
  const runs = runsOf(shape, (axis) => axes.includes(axis))
  const size = (from: number, to?: number) => sizeOf(runs.slice(from, to).map((run) => run.size))
  const passes: Array<Pass> = []
  for (let at = runs.length - 1; at >= 0; at--)
    if (runs[at]!.marked) {
      passes.push({ outer: size(0, at), along: runs[at]!.size, inner: size(at + 1) })
      runs.splice(at, 1)
    }
  return passes.length > 0 ? passes : [{ outer: 1, along: 1, inner: sizeOf(shape) }]
}

/** Addresses of so many floats each in one piece of room, and that of the output at the end. */
const placesOf = (machine: Machine, sizes: Shape, out: Place): Shape => {
  const between = sizes.slice(0, -1)
  const floats = (count: number) => between.slice(0, count).reduce((sum, n) => sum + n, 0)
  const room = between.length === 0 ? 0 : machine.scratch(floats(between.length) * FLOAT)
  return [...between.map((_, i) => room + floats(i) * FLOAT), out.address]
}

const reduce = (machine: Machine, fold: Fold, x: Place, axes: Shape, out: Place, divisor = 1): (() => void) => {
  const passes = passesOf(x.shape, axes)
  const sizes = passes.map(({ outer, inner }) => outer * inner)
  const places = placesOf(machine, sizes, out)
  return inOrder(
    passes.map(({ outer, along, inner }, i) => {
      const from = i === 0 ? x.address : places[i - 1]!
      const by = i === passes.length - 1 ? divisor : 1
      return inner === 1
        ? machine.call("foldRows", kinds[fold], from, outer, along, places[i]!, by)
        : machine.call("foldColumns", kinds[fold], from, outer, along, inner, inner * FLOAT, places[i]!, by)
    }),
  )
}

/** The library's attributes: `Max` has another name for its axes. */
interface Along {
  readonly axis?: number | Array<number>
  readonly reductionIndices?: number | Array<number>
  readonly keepDims?: boolean
}
const axesOf = (shape: Array<number>, { axis, reductionIndices }: Along): Array<number> =>
  tf.util.parseAxisParam((axis ?? reductionIndices)!, shape) // all of none

const reduction = (kernel: string, fold: Fold, why: string, isMean = false): OwnKernel<"x", Along> => ({
  kernel,
  why,
  outputs: ({ x }, attributes) => {
    if (!areFloats(x)) return undefined
    const axes = axesOf(x.shape, attributes)
    const kept = x.shape.map((n, axis) => (axes.includes(axis) ? 1 : n))
    return [float(attributes.keepDims ? kept : kept.filter((_, axis) => !axes.includes(axis)))]
  },
  bind: (machine, { x }, [out], attributes) => {
    const axes = axesOf(x.shape, attributes)
    return reduce(machine, fold, x, axes, out!, isMean ? sizeOf(axes.map((axis) => x.shape[axis]!)) : 1)
  },
})

const whySum = "the stock kernel transposes unless the axes are the last ones, and adds one number after the other"
const whyMost = "the stock kernel transposes unless the axes are the last ones, and may lose a NaN"

export const sum = reduction(tf.Sum, "sum", whySum)
export const mean = reduction(tf.Mean, "sum", whySum, true)
export const prod = reduction(tf.Prod, "prod", "the stock kernel transposes unless the axes are the last ones")
export const max = reduction(tf.Max, "max", whyMost)
export const min = reduction(tf.Min, "min", whyMost)

interface To {
  readonly shape: Array<number>
}

export const biasGrad: OwnKernel<"x", To> = {
  kernel: BiasGradKernel,
  why: "sums down columns, without a transpose",
  outputs: ({ x }, { shape }) => (areFloats(x) && sizeOf(shape) === x.shape.at(-1) ? [float(shape)] : undefined),
  bind: (machine, { x }, [out]) =>
    reduce(
      machine,
      "sum",
      x,
      x.shape.slice(0, -1).map((_, axis) => axis),
      out!,
    ),
}

export const spread: OwnKernel<"x", To> = {
  kernel: SpreadKernel,
  why: "copies instead of a product with ones",
  outputs: ({ x }, { shape }) => {
    const fits = x.shape.toReversed().every((n, i) => n === 1 || n === shape.at(-1 - i))
    return areFloats(x) && fits && x.shape.length <= shape.length ? [float(shape)] : undefined
  },
  bind: (machine, { x }, [out]) => {
    const { shape } = out!
    const fresh = shape.length - x.shape.length
    const repeated = shape.flatMap((n, axis) => (n !== 1 && (x.shape[axis - fresh] ?? 1) === 1 ? [axis] : []))
    // A sum's passes, from its end to its beginning, repeat what it would add.
    const passes = passesOf(shape, repeated).toReversed()
    const sizes = passes.map(({ outer, along, inner }) => outer * along * inner)
    const places = placesOf(machine, sizes, out!)
    return inOrder(
      passes.map(({ outer, along, inner }, i) =>
        machine.call("spread", i === 0 ? x.address : places[i - 1]!, outer, along, inner, places[i]!),
      ),
    )
  },
}
