import { builtIn } from "../family.ts"

/** `sum (target - model)^2 / model`. @reference pearson1900 */
export const pearsonChi2 = builtIn(import.meta.url, {
  name: "pearson-chi2",
  formula: "(u - 1)^2",
  f: (u, { sub, pow }) => pow(sub(u, 1), 2),
  laws: { symmetric: false, bounded: false, additive: false, triangle: false },
})
