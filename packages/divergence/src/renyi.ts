import { sharedSupport } from "./distribution.ts"
import type { Divergence, LogForm } from "./divergence.ts"
import { family, memberOf, positive } from "./family.ts"
import { float64 } from "./float64.ts"

/**
 * `log(sum target^a model^(1-a)) / (a - 1)`, with `b = a - 1`. Near `b = 0` the sum is `1 + sum target (u^b - 1)`, which has
 * the limit `sum target log u`; elsewhere a log-sum-exp that nothing overflows. `missing` is target mass without model.
 */
const form =
  (order: number, missing = 0): LogForm =>
  (logTarget, logModel, { add, sub, mul, div, exp, expm1, log1p, sum, logSumExp }) => {
    const b = order - 1
    const logU = sub(logTarget, logModel)
    const target = () => exp(logTarget)
    const value = () => {
      if (b === 0) return sum(mul(target(), logU))
      if (Math.abs(b) < 0.01) return div(log1p(sub(sum(mul(target(), expm1(mul(b, logU)))), missing)), b)
      return div(logSumExp(add(mul(order, logTarget), mul(-b, logModel))), b)
    }
    /** The distribution in proportion to `target^a model^(1-a)`. */
    const middle = () => exp(sub(add(mul(order, logTarget), mul(-b, logModel)), mul(b, value())))
    const byTarget = () => {
      const excess = () => sub(logU, value())
      if (b === 0) return mul(target(), excess())
      if (Math.abs(b) < 0.01) return mul(order / b, mul(target(), expm1(mul(b, excess()))))
      return mul(order / b, sub(middle(), target()))
    }
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
