/** Adam on float64 numbers, for exact work: nothing here knows a tensor. */
import { objectCodec, type Parameters, tensorValue } from "@relent/arrow"
import { Schema } from "effect"

/** Where a descent stands: what a checkpoint holds. All are of one length. */
export interface Descent {
  readonly kind: "adam"
  readonly parameters: Float64Array
  /** Moving averages of the gradient and of its square. */
  readonly mean: Float64Array
  readonly square: Float64Array
}

const paths = ["parameters", "mean", "square"] as const

export const Descent = objectCodec<Descent>()("nn/descent", 1, {
  adam: {
    header: Schema.Struct({}),
    decode: (_: {}, tensors: Parameters) => {
      const [parameters, mean, square] = paths.map((path) => tensors[path]!.values as Float64Array)
      return { kind: "adam", parameters: parameters!, mean: mean!, square: square! }
    },
    encode: (descent) => [{}, Object.fromEntries(paths.map((path) => [path, tensorValue("float64", descent[path])]))],
  },
})

export const descentFrom = (parameters: Float64Array): Descent => ({
  kind: "adam",
  parameters,
  mean: new Float64Array(parameters.length),
  square: new Float64Array(parameters.length),
})

export interface Step {
  /** From 1. */
  readonly step: number
  readonly learningRate: number
  /** Decay of the two averages, in [0, 1). */
  readonly beta1?: number
  readonly beta2?: number
}

const epsilon = 1e-8

/**
 * m = b1 m + (1-b1) g, v = b2 v + (1-b2) g^2, w = w - rate m^ / (sqrt(v^) + eps), with m^ = m / (1-b1^t), v^ = v / (1-b2^t). An
 * infinite parameter stays.
 *
 * ```ts example
 * import { descend, descentFrom } from "@relent/nn/float64"
 * const start = descentFrom(Float64Array.of(1))
 * descend(start, Float64Array.of(5), { step: 1, learningRate: 0.25 }).parameters[0]!.toFixed(6) // => "0.750000"
 * ```
 *
 * @reference kingma2015adam
 */
export const descend = (
  from: Descent,
  gradient: ArrayLike<number>,
  { step, learningRate, ...decay }: Step,
): Descent => {
  const { beta1 = 0.9, beta2 = 0.999 } = decay
  const [unbias1, unbias2] = [1 - beta1 ** step, 1 - beta2 ** step]
  const to = descentFrom(from.parameters.slice())
  const { parameters, mean, square } = to
  for (let i = 0; i < parameters.length; i++) {
    const g = gradient[i]!
    mean[i] = beta1 * from.mean[i]! + (1 - beta1) * g
    square[i] = beta2 * from.square[i]! + (1 - beta2) * g ** 2
    parameters[i]! -= (learningRate * (mean[i]! / unbias1)) / (Math.sqrt(square[i]! / unbias2) + epsilon)
  }
  return to
}
