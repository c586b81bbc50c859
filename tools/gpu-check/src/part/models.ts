/** The models that are timed: their weights, one batch, and the loss. */
import { oneHot, softmaxCrossEntropy, type Tree } from "@relent/nn"
import { source } from "@relent/random"
import { type Tensor, tf } from "@relent/tensor"

export interface Model {
  readonly title: string
  readonly weights: () => Tree
  readonly batch: () => Tree
  readonly loss: (weights: Tree, batch: Tree) => Tensor
}

const draw = source({ seed: 1, stream: "gpu-check" })
/** Gaussian, of this standard deviation. */
export const normal = (name: string, deviation: number, shape: ReadonlyArray<number>): Tensor => {
  const values = Float32Array.from(draw(name).normals(shape.reduce((n, d) => n * d, 1)), (z) => z * deviation)
  return tf.tensor(values, [...shape])
}
const classes = (rows: number) =>
  tf.tensor1d(
    Int32Array.from({ length: rows }, (_, i) => (i * 7) % 10),
    "int32",
  )

const perceptron = (title: string, widths: ReadonlyArray<number>, rows: number): Model => ({
  title: `${title} ${widths.join("-")}, batch ${rows}`,
  weights: () =>
    Object.fromEntries(
      widths.slice(1).map((to, i) => [`w${i}`, normal(`w${i}`, Math.sqrt(2 / widths[i]!), [widths[i]!, to])]),
    ),
  batch: () => ({ x: normal("x", 1, [rows, widths[0]!]), label: classes(rows) }),
  loss: (weights, { x, label }) => {
    const all = Object.values(weights)
    const logits = all.reduce((h, w, i) => {
      const z = tf.matMul(h, w)
      return i + 1 < all.length ? tf.relu(z) : z
    }, x!)
    return tf.mean(softmaxCrossEntropy(oneHot(label!, 10), logits))
  },
})

/** 3x3 convolution, ReLU, and the largest of each 2x2. */
const block = (x: Tensor, kernel: Tensor): Tensor =>
  tf.maxPool(tf.relu(tf.conv2d(x as tf.Tensor4D, kernel as tf.Tensor4D, 1, "same")), 2, 2, "valid")

const convolutional = (rows: number): Model => ({
  title: `CNN 28x28, convolutions 32 and 64, batch ${rows}`,
  weights: () => ({
    first: normal("first", Math.sqrt(2 / 9), [3, 3, 1, 32]),
    second: normal("second", Math.sqrt(2 / 288), [3, 3, 32, 64]),
    dense: normal("dense", Math.sqrt(1 / 3136), [3136, 10]),
  }),
  batch: () => ({ x: normal("images", 1, [rows, 28, 28, 1]), label: classes(rows) }),
  loss: ({ first, second, dense }, { x, label }) => {
    const h = tf.reshape(block(block(x!, first!), second!), [rows, -1])
    return tf.mean(softmaxCrossEntropy(oneHot(label!, 10), tf.matMul(h, dense!)))
  },
})

export const models: ReadonlyArray<Model> = [
  perceptron("MLP", [784, 256, 10], 128),
  perceptron("wide", [784, 1200, 1200, 10], 1024),
  convolutional(64),
]
