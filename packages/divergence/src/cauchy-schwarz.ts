import { Named } from "@relent/named"
import { checkPair } from "./distribution.ts"
import type { Divergence } from "./divergence.ts"
import { float64 } from "./float64.ts"
import { logCosine } from "./inner-product.ts"

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
    let both = 0
    let ofTarget = 0
    let ofModel = 0
    for (let i = 0; i < target.length; i++) {
      both += target[i]! * model[i]!
      ofTarget += target[i]! ** 2
      ofModel += model[i]! ** 2
    }
    return Math.max(0, logCosine(Math.log(ofTarget), Math.log(ofModel), Math.log(both), float64) as number)
  },
  logForm: (logTarget, logModel, rows) => {
    const { add, sub, mul, exp, logSumExp } = rows
    const cross = add(logTarget, logModel)
    const share = (x: typeof cross) => exp(sub(x, logSumExp(x)))
    const by = (own: typeof cross) => mul(2, sub(share(mul(2, own)), share(cross)))
    return {
      value: () => logCosine(logSumExp(mul(2, logTarget)), logSumExp(mul(2, logModel)), logSumExp(cross), rows),
      byTarget: () => by(logTarget),
      byModel: () => by(logModel),
    }
  },
}
