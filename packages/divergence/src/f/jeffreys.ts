import { builtIn } from "../family.ts"

/** `KL(target || model) + KL(model || target)`. @reference jeffreys1946 */
export const jeffreys = builtIn(import.meta.url, {
  name: "jeffreys",
  formula: "(u - 1) log u",
  f: (u, { sub, mul, log }) => mul(sub(u, 1), log(u)),
  laws: { symmetric: true, bounded: false, additive: true, triangle: false },
})
