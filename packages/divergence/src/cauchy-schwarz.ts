import { Named } from "@relent/named"
import { checkPair } from "./distribution.ts"
import type { Divergence, LogForm } from "./divergence.ts"
import { float64 } from "./float64.ts"
import { logCosine } from "./inner-product.ts"

const logForm: LogForm = (logTarget, logModel, rows) => {
  const { add, sub, mul, exp, logSumExp } = rows
  const cross = add(logTarget, logModel)
  const share = (x: typeof cross) => exp(sub(x, logSumExp(x)))
  const by = (own: typeof cross) => mul(2, sub(share(mul(2, own)), share(cross)))
  return {
    value: () => logCosine(logSumExp(mul(2, logTarget)), logSumExp(mul(2, logModel)), logSumExp(cross), rows),
    byTarget: () => by(logTarget),
    byModel: () => by(logModel),
  }
}

const logOf = (p: ArrayLike<number>): Float64Array => Float64Array.from(p, Math.log)

/** `-2 log sum pq + log sum p^2 + log sum q^2`: minus twice the log of the cosine between the two. @reference principe2010 */
export const cauchySchwarz: Divergence = {
  name: "cauchy-schwarz",
  spelling: "cauchy-schwarz",
  origin: Named.make("divergence", "cauchy-schwarz", 1, import.meta.url, undefined),
  laws: {
    symmetric: true,
    dataProcessing: false,
    jointlyConvex: false,
    bounded: false,
    additive: true,
    triangle: false,
  },
  between: (target, model) => {
    checkPair(target, model)
    return Math.max(0, logForm(logOf(target), logOf(model), float64).value() as number)
  },
  logForm,
}
