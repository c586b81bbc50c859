/** A convolutional network on small images. */
import { applyCnn, initCnn } from "@relent/nn"
import { sparseSoftmaxCrossEntropy, tf } from "@relent/tensor"
import { integers, redrawn, spread, unused } from "./draws.ts"
import { trained } from "./model.ts"

const [batch, side, classes] = [64, 28, 10]
const shape = { image: [side, side, 1], channels: [32, 64], hidden: [], classes, activation: "relu" } as const

export const cnn = trained({
  title: `CNN ${side}x${side}, convolutions 32 and 64, batch ${batch}`,
  weights: () => redrawn(initCnn({ ...shape, members: 1 }, unused)),
  batch: (index) => ({
    x: spread(100 + index, 1, [1, batch, side * side]),
    label: integers(200 + index, classes, [1, batch]),
  }),
  loss: (weights, { x, label }) => tf.mean(sparseSoftmaxCrossEntropy(applyCnn(shape, weights, x!), label!)),
})
