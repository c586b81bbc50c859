import { builtIn } from "../family.ts"

/** Half of `KL(target || m) + KL(model || m)`, `m` the midpoint; some papers leave the half out. @reference lin1991 @reference endres2003 */
export const jensenShannon = builtIn(import.meta.url, {
  name: "jensen-shannon",
  formula: "(u log u - (1 + u) log((1 + u) / 2)) / 2",
  f: (u, { add, sub, mul, div, log }) => div(sub(mul(u, log(u)), mul(add(u, 1), log(div(add(u, 1), 2)))), 2),
  laws: { symmetric: true, bounded: Math.LN2, additive: false, triangle: 0.5 },
})
