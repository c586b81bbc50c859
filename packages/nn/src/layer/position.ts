/** Where a token stands, added to what it is. Tokens are `[members or 1, batch, tokens, width]`. */
import type { Parameters } from "@relent/arrow"
import type { Source } from "@relent/random"
import { type Tensor, tf, type Tree } from "@relent/tensor"
import { even, initLayer, LayerInvalid, normal, type Plan } from "./plan.ts"

export interface Positions {
  /** The longest sequence. */
  readonly context: number
  readonly width: number
  readonly members: number
  /** Standard deviation of what they start from. */
  readonly spread: number
}

/** `table: [context, width]` normal. */
export const positionsPlan = ({ context, width, spread }: Omit<Positions, "members">): Plan => ({
  table: normal(spread, context, width),
})

/** `table: [members, context, width]`. */
export const initPositions = ({ members, ...positions }: Positions, random: Source, layer: number): Parameters =>
  initLayer(positionsPlan(positions), members, random, layer)

/**
 * x + the first rows of the table: learnt positions.
 *
 * @throws LayerInvalid if there are more tokens than places.
 */
export const applyPositions = ({ table }: Tree, x: Tensor): Tensor => {
  const [members, context, width] = table!.shape as [number, number, number]
  const tokens = x.shape[2]!
  if (tokens > context)
    throw new LayerInvalid({
      message: `there are ${tokens} tokens, and places for ${context}`,
      hint: "cut the sequence, or learn more places",
    })
  return tf.add(x, tf.reshape(tf.slice(table!, [0, 0, 0], [members, tokens, width]), [members, 1, tokens, width]))
}

/**
 * Fixed positions `[tokens, width]`: sin(p / 10000^(2i / width)) at place 2i and the cosine at 2i + 1, for p from 0.
 *
 * @throws LayerInvalid if the width is odd.
 * @reference vaswani2017attention
 */
export const sinusoidalPositions = (tokens: number, width: number): Tensor => {
  even(width)
  const values = Float32Array.from({ length: tokens * width }, (_, k) => {
    const place = k % width
    const angle = Math.floor(k / width) / 10000 ** ((place - (place % 2)) / width)
    return place % 2 === 0 ? Math.sin(angle) : Math.cos(angle)
  })
  return tf.tensor2d(values, [tokens, width])
}
