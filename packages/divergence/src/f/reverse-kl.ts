import { builtIn } from "../family.ts"

/** `KL(model || target)`: the model must stay where the target is, and may give up the rest of it. @reference kullback1951 */
export const reverseKl = builtIn(import.meta.url, {
  name: "reverse-kl",
  formula: "-log u + u - 1",
  f: (u, { sub, log }) => sub(sub(u, 1), log(u)),
  laws: { symmetric: false, bounded: false, additive: true, triangle: false },
})
