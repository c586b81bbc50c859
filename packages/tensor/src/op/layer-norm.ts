/** Standardised rows. */
import { type Tensor, tf } from "../tf.ts"
import { kernel, operation, sumTo, taped } from "./operation.ts"

interface Attributes {
  readonly epsilon: number
}

const moments = (x: Tensor, { epsilon }: Attributes) => {
  const mean = tf.mean(x, -1, true)
  const centred = tf.sub(x, mean)
  const rate = tf.rsqrt(tf.add(tf.mean(tf.square(centred), -1, true), epsilon))
  return { mean, rate, standard: tf.mul(centred, rate) }
}

interface Kept {
  readonly standard: Tensor
  readonly rate: Tensor
}

/** The gradient by x, from the standardised rows. */
const slopeOf = (dy: Tensor, scale: Tensor, { standard, rate }: Kept): Tensor => {
  const slope = tf.mul(dy, scale)
  const along = tf.mul(standard, tf.mean(tf.mul(slope, standard), -1, true))
  return tf.mul(rate, tf.sub(tf.sub(slope, tf.mean(slope, -1, true)), along))
}
const standardOf = (x: Tensor, mean: Tensor, rate: Tensor) => tf.mul(tf.sub(x, mean), rate)

/** Names of the kernels. */
export const LayerNormKernel = "RelentLayerNorm"
export const LayerNormGradKernel = "RelentLayerNormGrad"
export const LayerNormParametersGradKernel = "RelentLayerNormParametersGrad"

const grad = kernel<"dy" | "x" | "scale" | "mean" | "rate", {}, Tensor>(
  LayerNormGradKernel,
  ({ dy, x, scale, mean, rate }) => slopeOf(dy, scale, { standard: standardOf(x, mean, rate), rate }),
)

/** The gradients by scale and offset. */
const parametersGrad = kernel<
  "dy" | "x" | "mean" | "rate",
  { readonly scale: Array<number>; readonly offset: Array<number> },
  Array<Tensor>
>(LayerNormParametersGradKernel, ({ dy, x, mean, rate }, { scale, offset }) => [
  sumTo(tf.mul(dy, standardOf(x, mean, rate)), scale),
  // A kernel gives tensors of its own.
  tf.clone(sumTo(dy, offset)),
])

const run = operation<"x" | "scale" | "offset", Attributes>({
  kernel: LayerNormKernel,
  inputs: ["x", "scale", "offset"],
  outputs: 3,
  compute: ({ x, scale, offset }, attributes) => {
    const { mean, rate, standard } = moments(x, attributes)
    return [tf.add(tf.mul(standard, scale), offset), mean, rate]
  },
  gradient: (dy, { x, scale, offset }, [, mean, rate], attributes) => {
    if (taped()) {
      const kept = moments(x, attributes)
      return {
        x: () => slopeOf(dy, scale, kept),
        scale: () => sumTo(tf.mul(dy, kept.standard), scale.shape),
        offset: () => sumTo(dy, offset.shape),
      }
    }
    const kept = { dy, x, mean: mean!, rate: rate! }
    const [byScale, byOffset] = parametersGrad(kept, { scale: scale.shape, offset: offset.shape })
    return { x: () => grad({ ...kept, scale }, {}), scale: () => byScale!, offset: () => byOffset! }
  },
})

/**
 * (x - mean) / sqrt(variance + epsilon) * scale + offset over the last axis of `[..., width]`; the variance divides by the width.
 * Scale and offset are `[width]`, or whatever broadcasts to x.
 */
export const layerNorm = (x: Tensor, scale: Tensor, offset: Tensor, epsilon = 1e-5): Tensor =>
  run({ x, scale, offset }, { epsilon })
