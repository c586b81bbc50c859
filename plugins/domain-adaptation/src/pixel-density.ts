/** An image of infinitely many pixels: each is a brightness, background or foreground. */
import { orElse, Positive } from "@relent/named"
import { Stage, StageError } from "@relent/stage"
import { Schema } from "effect"
import { PixelDensity } from "./tables.ts"

const Normal = Schema.Struct({ mean: Schema.Finite, deviation: Positive })
const Points = Schema.Int.check(Schema.isGreaterThan(1))

/** `exp(-z^2 / 2) / (deviation sqrt(2 pi))`. */
const density = ({ mean, deviation }: typeof Normal.Type, x: number) =>
  Math.exp(-(((x - mean) / deviation) ** 2) / 2) / (deviation * Math.sqrt(2 * Math.PI))

/**
 * The mixture (1 - share) background + share foreground on an even grid; masses are density times spacing.
 *
 * @reference none: a textbook model
 */
export const pixelDensity = Stage.make("domain-adaptation/pixel-density", {
  module: import.meta.url,
  title: "Brightness of background and foreground pixels, as a density on a grid",
  parameters: {
    share: Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 })).annotate({
      description: "share of the foreground",
    }),
    background: Normal,
    foreground: Normal,
    from: Schema.Finite,
    to: Schema.Finite,
    points: orElse(Points, 8001),
  },
  outputs: { pixels: PixelDensity },
  *run({ parameters: { share, background, foreground, from, to, points } }) {
    const spacing = (to - from) / (points - 1)
    const x = Float64Array.from({ length: points }, (_, i) => from + i * spacing)
    const front = x.map((v) => share * density(foreground, v) * spacing)
    const mass = x.map((v, i) => front[i]! + (1 - share) * density(background, v) * spacing)
    const total = mass.reduce((sum, m) => sum + m, 0)
    if (!(Math.abs(total - 1) <= 1e-6))
      return yield* new StageError({
        message: `the grid from ${from} to ${to} holds ${total} of the pixels, not all`,
        hint: "widen it, or take more points",
      })
    return { pixels: PixelDensity.make({ x, mass, foreground: front }) }
  },
})
