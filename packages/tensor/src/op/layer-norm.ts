/** Standardised rows. */
import { type Tensor, tf } from "../tf.ts"
import { operation, sumTo, taped } from "./operation.ts"

interface Attributes {
  readonly epsilon: number
}

const moments = (x: Tensor, { epsilon }: Attributes) => {
  const mean = tf.mean(x, -1, true)
  const centred = tf.sub(x, mean)
  const rate = tf.rsqrt(tf.add(tf.mean(tf.square(centred), -1, true), epsilon))
  return { mean, rate, standard: tf.mul(centred, rate) }
}

const run = operation<"x" | "scale" | "offset", Attributes>({
  kernel: "RelentLayerNorm",
  inputs: ["x", "scale", "offset"],
  outputs: 3,
  compute: ({ x, scale, offset }, attributes) => {
    const { mean, rate, standard } = moments(x, attributes)
    return [tf.add(tf.mul(standard, scale), offset), mean, rate]
  },
  gradient: (dy, { x, scale, offset }, [, mean, rate], attributes) => {
    const kept = taped() ? moments(x, attributes) : { rate: rate!, standard: tf.mul(tf.sub(x, mean!), rate!) }
    return {
      x: () => {
        const slope = tf.mul(dy, scale)
        const along = tf.mul(kept.standard, tf.mean(tf.mul(slope, kept.standard), -1, true))
        return tf.mul(kept.rate, tf.sub(tf.sub(slope, tf.mean(slope, -1, true)), along))
      },
      scale: () => sumTo(tf.mul(dy, kept.standard), scale.shape),
      offset: () => sumTo(dy, offset.shape),
    }
  },
})

/**
 * (x - mean) / sqrt(variance + epsilon) * scale + offset over the last axis of `[..., width]`; the variance divides by the width.
 * Scale and offset are `[width]`, or whatever broadcasts to x.
 */
export const layerNorm = (x: Tensor, scale: Tensor, offset: Tensor, epsilon = 1e-5): Tensor =>
  run({ x, scale, offset }, { epsilon })
