/** Perceptrons on rows of numbers: a small one, where what surrounds the products counts, and a wide one, where products do. */
import { applyMlp, initMlp } from "@relent/nn"
import { sparseSoftmaxCrossEntropy, tf } from "@relent/tensor"
import { integers, redrawn, spread, unused } from "./draws.ts"
import { trained } from "./model.ts"

const perceptron = (widths: ReadonlyArray<number>, batch: number) => {
  const shape = { widths, activation: "relu" } as const
  const [inputs, classes] = [widths[0]!, widths.at(-1)!]
  return trained({
    title: `perceptron ${widths.join("-")}, batch ${batch}`,
    weights: () => redrawn(initMlp({ ...shape, members: 1 }, unused)),
    batch: (index) => ({
      x: spread(100 + index, 1, [1, batch, inputs]),
      label: integers(200 + index, classes, [1, batch]),
    }),
    loss: (weights, { x, label }) => tf.mean(sparseSoftmaxCrossEntropy(applyMlp(shape, weights, x!), label!)),
  })
}

export const mlp = perceptron([784, 256, 10], 128)
export const wide = perceptron([784, 1200, 1200, 10], 1024)
