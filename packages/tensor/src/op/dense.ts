/** A dense layer with its activation. */
import { type Tensor, tf } from "../tf.ts"
import { reluGrad, sigmoidGrad, tanhGrad } from "./activation-gradient.ts"
import { biasGrad, isBias } from "./broadcast.ts"
import { operation, sumTo } from "./operation.ts"

export type DenseActivation = "linear" | "relu" | "tanh" | "sigmoid"

const apply: { readonly [name in DenseActivation]: (x: Tensor) => Tensor } = {
  linear: (x) => x,
  relu: (x) => tf.relu(x),
  tanh: (x) => tf.tanh(x),
  sigmoid: (x) => tf.sigmoid(x),
}

/** The gradient by what the activation is given, from what it gives. */
const slope: { readonly [name in DenseActivation]: (dy: Tensor, y: Tensor) => Tensor } = {
  linear: (dy) => dy,
  relu: (dy, y) => reluGrad({ dy, y }, {}),
  tanh: (dy, y) => tanhGrad({ dy, y }, {}),
  sigmoid: (dy, y) => sigmoidGrad({ dy, y }, {}),
}

/** Name of the kernel. */
export const DenseKernel = "RelentDense"

const run = operation<"x" | "weight" | "bias", { readonly activation: DenseActivation }>({
  kernel: DenseKernel,
  inputs: ["x", "weight", "bias"],
  compute: ({ x, weight, bias }, { activation }) => apply[activation](tf.add(tf.matMul(x, weight), bias)),
  gradient: (dy, { x, weight, bias }, [y], { activation }) => {
    const dz = slope[activation](dy, y!)
    return {
      x: () => sumTo(tf.matMul(dz, weight, false, true), x.shape),
      weight: () => sumTo(tf.matMul(x, dz, true), weight.shape),
      bias: () => (isBias(bias.shape, dz.shape) ? biasGrad({ x: dz }, { shape: bias.shape }) : sumTo(dz, bias.shape)),
    }
  },
})

/**
 * act(x W + b): `[m, rows, outputs]` of x `[m or 1, rows, inputs]`, W `[m or 1, inputs, outputs]` and b `[outputs]` or
 * `[m or 1, 1, outputs]`, or all of it without the leading axis. Without a
 * bias it is act(x W).
 */
export const dense = (
  x: Tensor,
  weight: Tensor,
  bias: Tensor | undefined,
  activation: DenseActivation = "linear",
): Tensor => (bias === undefined ? apply[activation](tf.matMul(x, weight)) : run({ x, weight, bias }, { activation }))
