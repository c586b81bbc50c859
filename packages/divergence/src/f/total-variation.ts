import { builtIn } from "../family.ts"

/** `sum |target - model| / 2`: the largest difference of an event's probability. @reference none: a distance of measures older than its papers */
export const totalVariation = builtIn(import.meta.url, {
  name: "total-variation",
  formula: "abs(u - 1) / 2",
  f: (u, { sub, div, abs }) => div(abs(sub(u, 1)), 2),
  laws: { symmetric: true, bounded: 1, additive: false, triangle: 1 },
})
