import type { Generator } from "../arithmetic.ts"
import { dualGenerator } from "../calculus/derived.ts"
import { between0and1, fFamily } from "../family.ts"

/** `(u log u - m log(m) / w) / (1 - w)`, `m = 1 + w (u - 1)`; above 1/2 by exchanging the arguments. */
const generator = (w: number): Generator =>
  w > 0.5
    ? dualGenerator(generator(1 - w))
    : (u, { add, sub, mul, div, log, log1p }) => {
        const m = add(mul(w, u), 1 - w)
        const logM = w === 0 ? sub(u, 1) : div(log1p(mul(w, sub(u, 1))), w)
        return div(sub(mul(u, log(u)), mul(m, logM)), 1 - w)
      }

/**
 * `(w KL(target || m) + (1 - w) KL(model || m)) / (w (1 - w))`, `m = w target + (1 - w) model`. The division makes the ends
 * exactly the two KLs (`w = 0` kl, `w = 1` reverse-kl) where others fall to 0; `w = 1/2` is 4 times jensen-shannon.
 * @reference lin1991
 */
export const skewedJensenShannon = fFamily(import.meta.url, {
  name: "skewed-jensen-shannon",
  parameter: "the target's weight w in the mixture, in [0, 1]",
  range: between0and1,
  examples: [0, 0.1, 0.5, 0.8, 1],
  define: (w) => ({
    formula: "(w u log u - m log m) / (w (1 - w)), m = w u + 1 - w",
    f: generator(w),
    laws: {
      symmetric: w === 0.5,
      bounded: w > 0 && w < 1 && -Math.log(1 - w) / w - Math.log(w) / (1 - w),
      additive: w === 0 || w === 1,
      triangle: w === 0.5 ? 0.5 : w === 0 || w === 1 ? false : undefined,
    },
  }),
})
