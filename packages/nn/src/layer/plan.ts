/** What a layer is made of, before it has values. Its start and the check of one that was read both come from here. */
import { branch } from "@relent/tensor"
import { type Parameters, tensorValue } from "@relent/arrow"
import type { Source } from "@relent/random"
import { Data } from "effect"

/** A shape that no layer can have. */
export class LayerInvalid extends Data.TaggedError("LayerInvalid")<{
  readonly message: string
  readonly hint: string
}> {}

/** One tensor of one member: its shape, and how it starts. */
export interface Leaf {
  readonly shape: ReadonlyArray<number>
  /** The standard deviation of normal draws, or the value of every element. */
  readonly start: { readonly spread: number } | { readonly value: number }
}

/** The tensors of a layer by path. Those that are drawn are drawn in this order. */
export type Plan = { readonly [path: string]: Leaf }

/** Layers by the name of their branch, in the order that numbers their draws. */
export type Layers = { readonly [name: string]: Plan }

export const normal = (spread: number, ...shape: ReadonlyArray<number>): Leaf => ({ shape, start: { spread } })
export const filled = (value: number, ...shape: ReadonlyArray<number>): Leaf => ({ shape, start: { value } })

const sizeOf = ({ shape }: Leaf) => shape.reduce((size, n) => size * n, 1)

/**
 * The starting tensors of a layer, `[members, ...shape]` each. Member m draws from `random("init", m, layer)`, so it starts alike in
 * any company.
 */
export const initLayer = (plan: Plan, members: number, random: Source, layer: number): Parameters => {
  const leaves = Object.entries(plan).map(([path, leaf]) => ({ path, leaf, size: sizeOf(leaf) }))
  const values = leaves.map(({ size }) => new Float32Array(members * size))
  for (let m = 0; m < members; m++) {
    const draws = random("init", m, layer)
    leaves.forEach(({ leaf: { start }, size }, i) =>
      "spread" in start
        ? values[i]!.set(
            draws.normals(size).map((z) => z * start.spread),
            m * size,
          )
        : values[i]!.fill(start.value, m * size, (m + 1) * size),
    )
  }
  return Object.fromEntries(
    leaves.map(({ path, leaf }, i) => [path, tensorValue("float32", values[i]!, [members, ...leaf.shape])]),
  )
}

/** The starting tensors of all layers, each a branch. */
export const initLayers = (layers: Layers, members: number, random: Source): Parameters =>
  Object.assign(
    {},
    ...Object.entries(layers).map(([name, plan], l) => branch(name, initLayer(plan, members, random, l))),
  ) as Parameters

/**
 * The width, where pairs share it.
 *
 * @throws LayerInvalid if it is odd.
 */
export const even = (width: number): number => {
  if (width % 2 !== 0)
    throw new LayerInvalid({
      message: `a width of ${width} has no room for pairs of sine and cosine`,
      hint: "choose an even width",
    })
  return width
}

/** What is wrong with tensors that are to be these layers, if anything. */
export const misfit = (layers: Layers, members: number, parameters: Parameters): string | undefined => {
  for (const [name, plan] of Object.entries(layers))
    for (const [leaf, { shape }] of Object.entries(plan)) {
      const path = `${name}/${leaf}`
      const found = parameters[path]
      if (found === undefined) return `there is no tensor '${path}'`
      const wanted = [members, ...shape].join(", ")
      if (found.dtype !== "float32" || found.shape.join(", ") !== wanted)
        return `tensor '${path}' is ${found.dtype} [${found.shape.join(", ")}], wanted float32 [${wanted}]`
    }
  return undefined
}
