/** What stands between two layers. */
import { type DenseActivation, type Tensor, tf } from "@relent/tensor"
import { glorot, he, type Init } from "./init.ts"

const cubic = 0.044715
const rate = Math.sqrt(2 / Math.PI)

/** x Phi(x), by its tanh form x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) / 2: wasm has no gradient of erf. */
const gelu = (x: Tensor): Tensor => {
  const inner = tf.mul(tf.add(x, tf.mul(tf.mul(tf.square(x), x), cubic)), rate)
  return tf.mul(tf.mul(x, 0.5), tf.add(tf.tanh(inner), 1))
}

/** Each with the start that fits it. */
export const activations = {
  relu: { apply: (x) => tf.relu(x), init: he },
  tanh: { apply: (x) => tf.tanh(x), init: glorot },
  /** x / (1 + e^-x) */
  silu: { apply: (x) => tf.mul(x, tf.sigmoid(x)), init: he },
  gelu: { apply: gelu, init: he },
} as const satisfies { [name: string]: { apply: (x: Tensor) => Tensor; init: Init } }

/** Those that a dense layer does in one operation with its product. */
export const inDense: { readonly [name in Activation]?: DenseActivation } = { relu: "relu", tanh: "tanh" }

export type Activation = keyof typeof activations
export const activationNames = Object.keys(activations) as ReadonlyArray<Activation>
