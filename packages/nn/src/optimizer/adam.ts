/** Adam. */
import { adamStep, branch, within, zerosLike } from "@relent/tensor"
import { decayRate, Optimizer, positive } from "./optimizer.ts"

export interface AdamOptions {
  readonly beta1?: number
  readonly beta2?: number
  readonly epsilon?: number
}

/**
 * m = b1 m + (1-b1) g, v = b2 v + (1-b2) g^2, w = w - rate m^ / (sqrt(v^) + eps), with m^ = m / (1-b1^t), v^ = v / (1-b2^t).
 *
 * @reference kingma2015adam
 */
export const makeAdam = ({ epsilon = 1e-8, ...betas }: AdamOptions = {}): Optimizer => {
  // As the device has them: the corrections are of the averages that are really taken.
  const [beta1, beta2] = [Math.fround(betas.beta1 ?? 0.9), Math.fround(betas.beta2 ?? 0.999)]
  return {
    init: (parameters) => ({ ...branch("mean", zerosLike(parameters)), ...branch("square", zerosLike(parameters)) }),
    rates: ({ step, learningRate }) => {
      const s = Math.sqrt(1 - beta2 ** step)
      return { rate: (learningRate * s) / (1 - beta1 ** step), epsilon: epsilon * s }
    },
    update: (parameters, gradients, state, { rate, epsilon, decay }) => {
      const [means, squares] = [within("mean", state), within("square", state)]
      const next = Object.entries(parameters).map(([path, weight]) => {
        const given = { weight, mean: means[path]!, square: squares[path]!, gradient: gradients[path]! }
        const scalars = { rate: rate!, epsilon: epsilon!, ...(decay === undefined ? {} : { decay }) }
        return [path, adamStep({ ...given, ...scalars }, { beta1, beta2 })] as const
      })
      const pick = (part: "weight" | "mean" | "square") =>
        Object.fromEntries(next.map(([path, made]) => [path, made[part]]))
      return {
        parameters: pick("weight"),
        state: { ...branch("mean", pick("mean")), ...branch("square", pick("square")) },
      }
    },
  }
}

export const adam = Optimizer.define(
  import.meta.url,
  "nn/adam",
  1,
  { beta1: decayRate(0.9), beta2: decayRate(0.999), epsilon: positive(1e-8) },
  makeAdam,
)
