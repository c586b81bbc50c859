import { builtIn } from "../family.ts"

/** Kullback–Leibler, `sum target log(target / model)`: the model must cover all of the target. @reference kullback1951 */
export const kl = builtIn(import.meta.url, {
  name: "kl",
  formula: "u log u - u + 1",
  f: (u, { add, sub, mul, log }) => add(sub(mul(u, log(u)), u), 1),
  laws: { symmetric: false, bounded: false, additive: true, triangle: false },
})
