import { builtIn } from "../family.ts"

/** `sum (target - model)^2 / target`. @reference neyman1949 */
export const neymanChi2 = builtIn(import.meta.url, {
  name: "neyman-chi2",
  formula: "(1 - u)^2 / u",
  f: (u, { sub, div, pow }) => div(pow(sub(1, u), 2), u),
  laws: { symmetric: false, bounded: false, additive: false, triangle: false },
})
