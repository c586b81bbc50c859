/** A small causal transformer. */
import { applyTransformer, initTransformer } from "@relent/nn"
import { sparseSoftmaxCrossEntropy, tf } from "@relent/tensor"
import { integers, redrawn, unused } from "./draws.ts"
import { trained } from "./model.ts"

const batch = 16
const shape = {
  vocabulary: 96,
  context: 64,
  blocks: 2,
  width: 128,
  heads: 4,
  activation: "relu",
  bias: false,
  tied: false,
} as const
const { vocabulary, context, blocks, width, heads } = shape

export const gpt = trained({
  title: `transformer, ${blocks} blocks of ${width}, ${heads} heads, ${context} tokens, batch ${batch}`,
  weights: () => redrawn(initTransformer({ ...shape, members: 1 }, unused)),
  batch: (index) => ({
    token: integers(100 + index, vocabulary, [1, batch, context]),
    next: integers(200 + index, vocabulary, [1, batch, context]),
  }),
  loss: (weights, { token, next }) =>
    tf.mean(sparseSoftmaxCrossEntropy(applyTransformer(shape, weights, token!), next!)),
})
