import { sharedSupport } from "./distribution.ts"
import type { Divergence, LogForm } from "./divergence.ts"
import { family, memberOf, positive } from "./family.ts"
import { float64 } from "./float64.ts"

/**
 * `log(sum target^a model^(1-a)) / (a - 1)`, with `b = a - 1`. The sum is `1 + s`, `s = sum target (u^b - 1)`: for a small `s`
 * log1p keeps the digits that remain for `b -> 0`, where the limit is `sum target log u`; for a large one log-sum-exp keeps
 * the range. `missing` is target mass without model.
 */
const form =
  (order: number, missing = 0): LogForm =>
  (logTarget, logModel, { add, sub, mul, div, exp, expm1, log1p, max, sum, logSumExp }) => {
    const b = order - 1
    const logU = sub(logTarget, logModel)
    /** `target (e^y - 1)`, without `0 * infinity` where a large `y` meets a small target. */
    const grown = (y: typeof logU) => {
      const above = max(y, 0)
      return mul(exp(add(logTarget, above)), sub(expm1(sub(y, above)), expm1(mul(-1, above))))
    }
    const value = () => {
      if (b === 0) return sum(mul(exp(logTarget), logU))
      const s = sub(sum(grown(mul(b, logU))), missing)
      const whole = logSumExp(add(mul(order, logTarget), mul(-b, logModel)))
      // log1p of s within -1/2 ... 1, and what log(1 + s) is beyond log 1/2 and log 2
      const within = log1p(max(mul(-1, max(mul(-1, s), -1)), -0.5))
      const beyond = sub(max(sub(whole, Math.LN2), 0), max(sub(-Math.LN2, whole), 0))
      return div(add(within, beyond), b)
    }
    const byTarget = () => {
      const excess = sub(logU, value())
      return b === 0 ? mul(exp(logTarget), excess) : mul(order / b, grown(mul(b, excess)))
    }
    /** The distribution in proportion to `target^a model^(1-a)`. */
    const middle = () => exp(sub(add(mul(order, logTarget), mul(-b, logModel)), mul(b, value())))
    return { value, byTarget, byModel: () => mul(-1, middle()) }
  }

const make = (order: number): Divergence => ({
  ...memberOf(import.meta.url, "renyi", order),
  laws: {
    symmetric: order === 0.5,
    dataProcessing: true,
    jointlyConvex: order <= 1,
    bounded: false,
    additive: true,
    triangle: order === 0.5 || order === 1 ? false : undefined,
  },
  between: (target, model) => {
    const { logTarget, logModel, targetOnly } = sharedSupport(target, model)
    if (logTarget.length === 0 || (order >= 1 && targetOnly > 0)) return Number.POSITIVE_INFINITY
    return Math.max(0, form(order, targetOnly)(logTarget, logModel, float64).value() as number)
  },
  logForm: form(order),
})

/**
 * Rényi divergences, `log(sum target^a model^(1-a)) / (a - 1)`: 1 is kl, 1/2 twice Bhattacharyya's distance; towards
 * infinity the largest `log u`, towards 0 `-log` of the model's mass on the target's support. @reference vanerven2014
 */
export const renyi = family({
  name: "renyi",
  parameter: "the order a, above 0",
  range: positive,
  examples: [0.3, 0.5, 1, 2, 5],
  make,
})
