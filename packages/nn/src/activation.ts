/** What stands between two layers. */
import { type DenseActivation, gelu, silu, type Tensor, tf } from "@relent/tensor"
import { glorot, he, type Init } from "./init.ts"

/** Each with the start that fits it. */
export const activations = {
  relu: { apply: (x) => tf.relu(x), init: he },
  tanh: { apply: (x) => tf.tanh(x), init: glorot },
  /** x / (1 + e^-x) */
  silu: { apply: silu, init: he },
  /** x Phi(x), by its tanh form */
  gelu: { apply: gelu, init: he },
} as const satisfies { [name: string]: { apply: (x: Tensor) => Tensor; init: Init } }

/** Those that a dense layer does in one operation with its product. */
export const inDense: { readonly [name in Activation]?: DenseActivation } = { relu: "relu", tanh: "tanh" }

export type Activation = keyof typeof activations
export const activationNames = Object.keys(activations) as ReadonlyArray<Activation>
