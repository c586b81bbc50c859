/** Activations that let a part of x through: x s(v) with s(v) = 1 / (1 + e^-v). */
import { type Tensor, tf } from "../tf.ts"
import { operation } from "./operation.ts"

const cubic = 0.044715
const rate = Math.sqrt(2 / Math.PI)
/** From here on a slope is 0 or 1: no power of x overflows. */
const FAR = 100

interface Slope {
  (inputs: { readonly dy: Tensor; readonly x: Tensor }, attributes: {}): Tensor
}
interface Gate {
  readonly value: (x: Tensor) => Tensor
  /** f' and f'' of numbers within `FAR`. */
  readonly first: (x: Tensor) => Tensor
  readonly second: (x: Tensor) => Tensor
  readonly inParts?: boolean
}

/** The operation and, of dy f'(x), one more. */
const gated = (kernel: string, { value, first, second, inParts = false }: Gate): ((x: Tensor) => Tensor) => {
  const near = (x: Tensor) => tf.clipByValue(x, -FAR, FAR)
  const slope: Slope = operation({
    kernel: `${kernel}Grad`,
    inputs: ["dy", "x"],
    compute: ({ dy, x }) => tf.mul(dy, first(near(x))),
    gradient: (d, { dy, x }) => ({
      dy: () => slope({ dy: d, x }, {}),
      x: () => tf.mul(tf.mul(d, dy), second(near(x))),
    }),
  })
  const run = operation<"x">({
    kernel,
    inputs: ["x"],
    inParts,
    compute: ({ x }) => value(x),
    gradient: (dy, { x }) => ({ x: () => slope({ dy, x }, {}) }),
  })
  return (x) => run({ x }, {})
}

/**
 * x / (1 + e^-x), element by element. Where a backend has no kernel for it its parts have finite gradients, and on TensorFlow a recorded
 * graph joins them with last digits nearer to the eager ones than it does in a gradient of ours.
 *
 * @reference hendrycks2016gaussian
 */
export const silu = gated("RelentSilu", {
  inParts: true,
  value: (x) => tf.mul(x, tf.sigmoid(x)),
  // s (1 + x (1 - s))
  first: (x) => {
    const s = tf.sigmoid(x)
    return tf.mul(s, tf.add(tf.mul(x, tf.sub(1, s)), 1))
  },
  // s (1 - s) (2 + x (1 - 2 s))
  second: (x) => {
    const s = tf.sigmoid(x)
    return tf.mul(tf.mul(s, tf.sub(1, s)), tf.add(tf.mul(x, tf.sub(1, tf.mul(s, 2))), 2))
  },
})

/** tanh u, u = sqrt(2/pi) (x + 0.044715 x^3), and u'. */
const inner = (x: Tensor) => {
  const square = tf.square(x)
  return {
    t: tf.tanh(tf.mul(tf.mul(x, tf.add(tf.mul(square, cubic), 1)), rate)),
    slope: tf.mul(tf.add(tf.mul(square, 3 * cubic), 1), rate),
  }
}

/**
 * x Phi(x), element by element, by its tanh form x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) / 2.
 *
 * @reference hendrycks2016gaussian
 */
export const gelu = gated("RelentGelu", {
  value: (x) => {
    const u = tf.mul(tf.add(x, tf.mul(tf.mul(tf.square(x), x), cubic)), rate)
    return tf.mul(tf.mul(x, 0.5), tf.add(tf.tanh(u), 1))
  },
  // (1 + t) / 2 + x (1 - t^2) u' / 2
  first: (x) => {
    const { t, slope } = inner(x)
    return tf.mul(tf.add(tf.add(t, 1), tf.mul(tf.mul(x, tf.sub(1, tf.square(t))), slope)), 0.5)
  },
  // (1 - t^2) (u' + x (u''/2 - t u'^2)), u'' = sqrt(2/pi) 6 0.044715 x
  second: (x) => {
    const { t, slope } = inner(x)
    const bend = tf.sub(tf.mul(x, 3 * cubic * rate), tf.mul(t, tf.square(slope)))
    return tf.mul(tf.sub(1, tf.square(t)), tf.add(slope, tf.mul(x, bend)))
  },
})
