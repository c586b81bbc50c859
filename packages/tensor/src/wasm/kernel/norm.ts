/** Standardised rows and their gradients. */
import { LayerNormGradKernel, LayerNormKernel, LayerNormParametersGradKernel } from "../../op/layer-norm.ts"
import { areFloats, FLOAT, float, type OwnKernel, sameShape, type Shaped, sizeOf } from "../own.ts"
import { Cost, overGroups } from "../share.ts"
import { oneEach } from "./softmax.ts"

type Shape = ReadonlyArray<number>

/**
 * Rows by the parameters that they share: those of all are `[width]`, with axes of length 1 in front or not; those of members
 * `[m, 1, ..., width]` of x `[m, ..., width]`. Nothing for others.
 */
const groupsOf = (x: Shape, parameters: Shape) => {
  const width = x.at(-1)
  if (width === undefined || parameters.at(-1) !== width || parameters.length > x.length) return undefined
  const rows = sizeOf(x.slice(0, -1))
  if (sizeOf(parameters) === width) return { groups: 1, rows, width, apart: 0 }
  const own = parameters.length === x.length ? parameters.slice(0, -1) : []
  const count = own.findIndex((n) => n === 1)
  const lead = count < 0 ? own : own.slice(0, count)
  const fits = lead.length > 0 && lead.every((n, i) => n === x[i]) && own.slice(lead.length).every((n) => n === 1)
  const groups = sizeOf(lead)
  return fits && groups > 0 ? { groups, rows: rows / groups, width, apart: width * FLOAT } : undefined
}

const costOf = ({ shape }: Shaped) => sizeOf(shape) * Cost.computed

export const layerNorm: OwnKernel<"x" | "scale" | "offset", { readonly epsilon: number }> = {
  kernel: LayerNormKernel,
  why: "one pass over rows in the cache instead of nine operations",
  outputs: ({ x, scale, offset }) => {
    const [own, other] = [groupsOf(x.shape, scale.shape), groupsOf(x.shape, offset.shape)]
    if (!areFloats(x, scale, offset) || own === undefined || own.groups !== other?.groups) return undefined
    const each = [...x.shape.slice(0, -1), 1]
    return [float(x.shape), float(each), float(each)]
  },
  bind: (machine, { x, scale, offset }, [y, mean, rate], { epsilon }) => {
    const { width, apart, ...sizes } = groupsOf(x.shape, scale.shape)!
    return overGroups(machine, { ...sizes, cost: costOf(x) }, (at, of, groups, rows) => [
      "layerNorm",
      at(x),
      of(scale),
      of(offset),
      apart,
      at(y!),
      at(mean!),
      at(rate!),
      groups,
      rows,
      width,
      epsilon,
    ])
  },
}

const kept = (x: Shaped, dy: Shaped, mean: Shaped, rate: Shaped) =>
  areFloats(x, dy, mean, rate) && sameShape(dy, x) && oneEach(mean, x) && oneEach(rate, x)

export const layerNormGrad: OwnKernel<"dy" | "x" | "scale" | "mean" | "rate", {}> = {
  kernel: LayerNormGradKernel,
  why: "one pass over rows in the cache instead of ten operations",
  outputs: ({ dy, x, scale, mean, rate }) =>
    kept(x, dy, mean, rate) && areFloats(scale) && groupsOf(x.shape, scale.shape) ? [float(x.shape)] : undefined,
  bind: (machine, { dy, x, scale, mean, rate }, [out]) => {
    const { width, apart, ...sizes } = groupsOf(x.shape, scale.shape)!
    return overGroups(machine, { ...sizes, cost: costOf(x) }, (at, of, groups, rows) => [
      "layerNormGrad",
      at(dy),
      at(x),
      of(scale),
      apart,
      at(mean),
      at(rate),
      at(out!),
      groups,
      rows,
      width,
    ])
  },
}

export const layerNormParametersGrad: OwnKernel<
  "dy" | "x" | "mean" | "rate",
  { readonly scale: Array<number>; readonly offset: Array<number> }
> = {
  kernel: LayerNormParametersGradKernel,
  why: "sums down the columns for scale and offset at once",
  outputs: ({ dy, x, mean, rate }, { scale, offset }) => {
    const [own, other] = [groupsOf(x.shape, scale), groupsOf(x.shape, offset)]
    const ours = kept(x, dy, mean, rate) && own !== undefined && own.groups === other?.groups
    return ours ? [float(scale), float(offset)] : undefined
  },
  bind: (machine, { dy, x, mean, rate }, [byScale, byOffset]) => {
    const { groups, rows, width } = groupsOf(x.shape, byScale!.shape)!
    return machine.share({ count: width, grain: 16, cost: costOf(x) }, (from, to) => [
      "layerNormColumns",
      dy.address,
      x.address,
      mean.address,
      rate.address,
      byScale!.address,
      byOffset!.address,
      groups,
      rows,
      width,
      from,
      to,
    ])
  },
}
