/** Adam on float64 logits, upwards. */
import { objectCodec, tensorValue, type Parameters } from "@relent/arrow"
import { Schema } from "effect"

/** Where an ascent stands: what a checkpoint holds. All are of the shape of the logits. */
export interface Ascent {
  readonly kind: "adam"
  readonly logits: Float64Array
  readonly mean: Float64Array
  readonly square: Float64Array
}

const paths = ["logits", "mean", "square"] as const

export const Ascent = objectCodec<Ascent>()("rlhf/ascent", 1, {
  adam: {
    header: Schema.Struct({}),
    decode: (_: {}, parameters: Parameters) => {
      const [logits, mean, square] = paths.map((path) => parameters[path]!.values as Float64Array)
      return { kind: "adam", logits: logits!, mean: mean!, square: square! }
    },
    encode: (state) => [{}, Object.fromEntries(paths.map((path) => [path, tensorValue("float64", state[path])]))],
  },
})

export const startAt = (logits: Float64Array): Ascent => ({
  kind: "adam",
  logits,
  mean: new Float64Array(logits.length),
  square: new Float64Array(logits.length),
})

const [b1, b2, epsilon] = [0.9, 0.999, 1e-8]

/**
 * m = b1 m + (1-b1) g, v = b2 v + (1-b2) g^2, z = z + rate m^ / (sqrt(v^) + eps), m^ = m / (1-b1^t), v^ = v / (1-b2^t), step t
 * from 1. A logit of -infinity stays.
 *
 * @reference kingma2015adam
 */
export const ascend = ({ logits, mean, square }: Ascent, gradient: Float64Array, t: number, rate: number): Ascent => {
  const m = mean.map((x, i) => b1 * x + (1 - b1) * gradient[i]!)
  const v = square.map((x, i) => b2 * x + (1 - b2) * gradient[i]! ** 2)
  const upwards = (z: number, i: number) =>
    z + (rate * (m[i]! / (1 - b1 ** t))) / (Math.sqrt(v[i]! / (1 - b2 ** t)) + epsilon)
  return { kind: "adam", logits: logits.map(upwards), mean: m, square: v }
}
