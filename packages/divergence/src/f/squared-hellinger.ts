import { builtIn } from "../family.ts"

/** `sum (sqrt target - sqrt model)^2 / 2`. @reference hellinger1909 */
export const squaredHellinger = builtIn(import.meta.url, {
  name: "squared-hellinger",
  formula: "(sqrt u - 1)^2 / 2",
  f: (u, { sub, div, pow, sqrt }) => div(pow(sub(sqrt(u), 1), 2), 2),
  laws: { symmetric: true, bounded: 1, additive: false, triangle: 0.5 },
})
