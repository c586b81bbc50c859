/** Sums, means, products, largest and smallest numbers along any axes, and what is repeated along some. */
import { BiasGradKernel, SpreadKernel } from "../../op/broadcast.ts"
import { tf } from "../../tf.ts"
import type { Machine } from "../machine.ts"
import { areFloats, FLOAT, float, inOrder, type OwnKernel, type Place, sizeOf } from "../own.ts"
import { Cost } from "../share.ts"
import { type Pass, passesOf, placesOf, type Shape } from "./passes.ts"

/** As `assembly/reduce.ts` numbers them. */
const kinds = { sum: 0, prod: 1, max: 2, min: 3 } as const
type Fold = keyof typeof kinds

/** One pass: threads share what it gives, the outer places if there are as many as threads, else the inner ones. */
const folded = (
  machine: Machine,
  kind: number,
  { outer, along, inner }: Pass,
  from: number,
  to: number,
  divisor: number,
): (() => void) => {
  const cost = outer * along * inner * Cost.moved
  if (outer < machine.threads && inner > 1)
    return machine.share({ count: inner, grain: 16, cost }, (first, last) => {
      const at = first * FLOAT
      return ["foldColumns", kind, from + at, outer, along, last - first, inner * FLOAT, to + at, divisor]
    })
  return machine.share({ count: outer, grain: 1, cost }, (first, last) => {
    const places = [from + first * along * inner * FLOAT, to + first * inner * FLOAT] as const
    return inner === 1
      ? ["foldRows", kind, places[0], last - first, along, places[1], divisor]
      : ["foldColumns", kind, places[0], last - first, along, inner, inner * FLOAT, places[1], divisor]
  })
}

const reduce = (machine: Machine, fold: Fold, x: Place, axes: Shape, out: Place, divisor = 1): (() => void) => {
  const passes = passesOf(x.shape, axes)
  const sizes = passes.map(({ outer, inner }) => outer * inner)
  const places = placesOf(machine, sizes, out)
  return inOrder(
    passes.map((pass, i) => {
      const from = i === 0 ? x.address : places[i - 1]!
      return folded(machine, kinds[fold], pass, from, places[i]!, i === passes.length - 1 ? divisor : 1)
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
      passes.map(({ outer, along, inner }, i) => {
        const from = i === 0 ? x.address : places[i - 1]!
        const cost = sizes[i]! * Cost.moved
        if (outer === 1)
          return machine.share({ count: along, grain: 16, cost }, (first, last) => {
            const to = places[i]! + first * inner * FLOAT
            return ["spread", from, 1, last - first, inner, to]
          })
        return machine.share({ count: outer, grain: 1, cost }, (first, last) => {
          const to = places[i]! + first * along * inner * FLOAT
          return ["spread", from + first * inner * FLOAT, last - first, along, inner, to]
        })
      }),
    )
  },
}
