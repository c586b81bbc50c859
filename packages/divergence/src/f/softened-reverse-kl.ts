import { builtIn } from "../family.ts"

/** `2 KL(m || target)`, `m` the midpoint: reverse-kl whose weight on ratios above 1 fades. @reference xu2025fdistill */
export const softenedReverseKl = builtIn(import.meta.url, {
  name: "softened-reverse-kl",
  formula: "(u + 1) log(1/2 + 1/(2u)) + u - 1",
  f: (u, { add, sub, mul, div, log }) => add(mul(add(u, 1), log(div(add(u, 1), mul(2, u)))), sub(u, 1)),
  laws: { symmetric: false, bounded: false, additive: false, triangle: false },
})
