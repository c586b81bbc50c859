import type { Generator } from "../arithmetic.ts"
import { fFamily, finite } from "../family.ts"

/** Two writings of one function; each is exact, and continuous, at the end (0 or 1) nearer to `a`. */
const generator =
  (a: number): Generator =>
  (u, { sub, mul, div, powerLog }) =>
    a < 0.5 ? div(sub(powerLog(u, a), sub(u, 1)), a - 1) : div(sub(mul(u, powerLog(u, a - 1)), sub(u, 1)), a)

/** Power divergences: `a = 1` is kl, 0 reverse-kl, 1/2 four times squared-hellinger, 2 half of pearson-chi2. @reference cressie1984 */
export const alpha = fFamily(import.meta.url, {
  name: "alpha",
  parameter: "the order a, any number",
  range: finite,
  examples: [-1, 0, 0.3, 0.5, 1, 2],
  define: (a) => ({
    formula: "(u^a - 1 - a (u - 1)) / (a (a - 1))",
    f: generator(a),
    laws: {
      symmetric: a === 0.5,
      bounded: a > 0 && a < 1 && 1 / (a * (1 - a)),
      additive: a === 0 || a === 1,
      triangle: a === 0.5 ? 0.5 : a <= 0 || a >= 1 ? false : undefined,
    },
  }),
})
