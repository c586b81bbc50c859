/** A small example of every layer: what tests them all, and what the table of what trains where is made from. */
import type { Parameters } from "@relent/arrow"
import { source } from "@relent/random"
import { type Tensor, tf, type Tree } from "@relent/tensor"
import * as nn from "../src/index.ts"

export interface LayerExample {
  /** What it starts from; nothing where nothing is learnt. */
  readonly init: (members: number) => Parameters
  /** Shape of a member's input. */
  readonly shape: ReadonlyArray<number>
  /** Inputs are whole numbers below it; without it they are floats. */
  readonly below?: number
  readonly apply: (tree: Tree, x: Tensor) => Tensor
}

const random = source({ seed: 1, stream: "layers" })
const nothing = () => ({})
const image = [2, 5, 4, 2]
const tokens = [2, 3, 4]
const conv = { inputs: 2, outputs: 3, kernel: 3, init: nn.glorot }
const mlp = { widths: [3, 4, 2], activation: "silu" } as const
const cnn = { image: [4, 5, 1], channels: [2, 3], hidden: [4], classes: 2, activation: "tanh" } as const
const transformer = {
  vocabulary: 5,
  context: 4,
  blocks: 2,
  width: 4,
  heads: 2,
  activation: "silu",
  bias: false,
} as const
const unet = { image: [4, 4, 1], channels: [2, 4], groups: 1, activation: "tanh" } as const
const segmenter = { image: [6, 8, 1], channels: [2, 3], classes: 2, activation: "tanh" } as const
const norm = (width: number, more: Partial<nn.Norm> = {}) => ({
  init: (members: number) => nn.initNorm({ width, members, ...more }, random, 0),
})
/** A way back into another layer, as an activation between two is. */
const bent = (x: Tensor) => tf.mul(x, tf.tanh(x))

export const layers: { readonly [name: string]: LayerExample } = {
  dense: {
    init: (members) => nn.initDense({ inputs: 3, outputs: 4, members, init: nn.glorot }, random, 0),
    shape: [5, 3],
    apply: nn.applyDense,
  },
  "dense on tokens, no bias": {
    init: (members) => nn.initDense({ inputs: 3, outputs: 2, members, init: nn.glorot, bias: false }, random, 0),
    shape: [2, 4, 3],
    apply: nn.applyDense,
  },
  conv2d: {
    init: (members) => nn.initConv2d({ ...conv, members }, random, 0),
    shape: image,
    apply: (tree, x) => nn.applyConv2d(tree, x),
  },
  "conv2d, stride 2, valid": {
    init: (members) => nn.initConv2d({ ...conv, members, bias: false }, random, 0),
    shape: image,
    apply: (tree, x) => nn.applyConv2d(tree, x, { stride: 2, padding: "valid" }),
  },
  "conv2d transposed": {
    init: (members) => nn.initConv2dTransposed({ ...conv, members }, random, 0),
    shape: image,
    apply: (tree, x) => nn.applyConv2dTransposed(tree, x, { stride: 2 }),
  },
  "conv2d transposed, valid": {
    init: (members) => nn.initConv2dTransposed({ ...conv, kernel: 2, members }, random, 0),
    shape: image,
    apply: (tree, x) => nn.applyConv2dTransposed(tree, x, { stride: 2, padding: "valid" }),
  },
  "max pool": { init: nothing, shape: image, apply: (_, x) => nn.maxPool(x, { size: 2 }) },
  "max pool, overlapping": { init: nothing, shape: image, apply: (_, x) => nn.maxPool(x, { size: 3, stride: 1 }) },
  "average pool": { init: nothing, shape: image, apply: (_, x) => nn.averagePool(x, { size: 2 }) },
  "global average pool": { init: nothing, shape: image, apply: (_, x) => nn.globalAveragePool(x) },
  "resize, nearest, larger": { init: nothing, shape: image, apply: (_, x) => nn.resize(x, [10, 12]) },
  "resize, nearest, smaller": { init: nothing, shape: image, apply: (_, x) => nn.resize(x, [3, 2]) },
  "resize, bilinear, larger": { init: nothing, shape: image, apply: (_, x) => nn.resize(x, [7, 8], "bilinear") },
  "resize, bilinear, smaller": { init: nothing, shape: image, apply: (_, x) => nn.resize(x, [3, 3], "bilinear") },
  "layer norm": { ...norm(4), shape: [2, 3, 4], apply: (tree, x) => nn.applyLayerNorm(tree, x) },
  "RMS norm": { ...norm(4, { offset: false }), shape: [2, 3, 4], apply: (tree, x) => nn.applyRmsNorm(tree, x) },
  "group norm": { ...norm(4), shape: [2, 3, 2, 4], apply: (tree, x) => nn.applyGroupNorm(tree, x, { groups: 2 }) },
  "instance norm, nothing learnt": {
    ...norm(2, { scale: false, offset: false }),
    shape: image,
    apply: (tree, x) => nn.applyInstanceNorm(tree, x),
  },
  attention: {
    init: (members) => nn.initAttention({ width: 4, members, init: nn.glorot }, random, 0),
    shape: tokens,
    apply: (tree, x) => nn.applyAttention(tree, x, { heads: 2 }),
  },
  "attention, causal, no bias": {
    init: (members) => nn.initAttention({ width: 4, members, init: nn.glorot, bias: false }, random, 0),
    shape: tokens,
    apply: (tree, x) => nn.applyAttention(tree, x, { heads: 1, causal: true }),
  },
  "attention, masked": {
    init: (members) => nn.initAttention({ width: 4, members, init: nn.glorot }, random, 0),
    shape: tokens,
    apply: (tree, x) => nn.applyAttention(tree, x, { heads: 2, mask: tf.tensor4d([1, 0, 1, 1, 1, 0], [1, 2, 1, 3]) }),
  },
  embedding: {
    init: (members) => nn.initEmbedding({ vocabulary: 5, width: 3, members, spread: 1 }, random, 0),
    shape: [2, 4],
    below: 5,
    apply: nn.applyEmbedding,
  },
  "embedding and its way back": {
    init: (members) => nn.initEmbedding({ vocabulary: 5, width: 3, members, spread: 1 }, random, 0),
    shape: [2, 4],
    below: 5,
    apply: (tree, ids) => nn.unembed(tree, bent(nn.applyEmbedding(tree, ids))),
  },
  "learnt positions": {
    init: (members) => nn.initPositions({ context: 3, width: 4, members, spread: 1 }, random, 0),
    shape: tokens,
    apply: (tree, x) => bent(nn.applyPositions(tree, x)),
  },
  "sinusoidal positions": {
    init: nothing,
    shape: tokens,
    apply: (_, x) => bent(tf.add(x, nn.sinusoidalPositions(3, 4))),
  },
  "time embedding": {
    init: nothing,
    shape: [4],
    apply: (_, x) => nn.timeEmbedding(x, { width: 6, maxPeriod: 100 }),
  },
  "Fourier features": {
    init: (members) => nn.initFourier({ inputs: 2, width: 6, members, scale: 1 }, random, 0),
    shape: [4, 2],
    apply: nn.applyFourier,
  },
  residual: { init: nothing, shape: [2, 3], apply: (_, x) => nn.residual(x, bent) },
  concatenation: { init: nothing, shape: [2, 3], apply: (_, x) => nn.concatenated(bent(x), x) },
  "transformer block": {
    init: (members) => nn.initTransformerBlock({ width: 4, members, init: nn.glorot }, random, 0),
    shape: tokens,
    apply: (tree, x) => nn.applyTransformerBlock(tree, x, { heads: 2, activation: "gelu" }),
  },
  MLP: {
    init: (members) => nn.initMlp({ ...mlp, members }, random),
    shape: [5, 3],
    apply: (tree, x) => nn.applyMlp(mlp, tree, x),
  },
  CNN: {
    init: (members) => nn.initCnn({ ...cnn, members }, random),
    shape: [3, 20],
    apply: (tree, x) => nn.applyCnn(cnn, tree, x),
  },
  transformer: {
    init: (members) => nn.initTransformer({ ...transformer, tied: false, members }, random),
    shape: [2, 3],
    below: 5,
    apply: (tree, ids) => nn.applyTransformer({ ...transformer, tied: false }, tree, ids),
  },
  "transformer, tied": {
    init: (members) => nn.initTransformer({ ...transformer, tied: true, members }, random),
    shape: [2, 4],
    below: 5,
    apply: (tree, ids) => nn.applyTransformer({ ...transformer, tied: true }, tree, ids),
  },
  "residual block": {
    init: (members) => nn.initResidualBlock({ inputs: 2, outputs: 4, time: 3, members, activation: "silu" }, random, 0),
    shape: image,
    apply: (tree, x) => {
      const time = tf.reshape(tf.slice(x, [0, 0, 0, 0, 0], [-1, -1, 3, 1, 1]), [x.shape[0], x.shape[1]!, 3])
      return nn.applyResidualBlock(tree, x, time, { groups: 2, activation: "silu" })
    },
  },
  "U-Net": {
    init: (members) => nn.initUnet({ ...unet, members }, random),
    shape: [2, 16],
    apply: (tree, x) => nn.applyUnet(unet, tree, x, tf.mean(x, -1)),
  },
  segmenter: {
    init: (members) => nn.initSegmenter({ ...segmenter, norm: "none", members }, random),
    shape: [2, 48],
    apply: (tree, x) => nn.applySegmenter({ ...segmenter, norm: "none" }, tree, x),
  },
  "segmenter with norms": {
    init: (members) => nn.initSegmenter({ ...segmenter, norm: "instance", members }, random),
    shape: [2, 48],
    apply: (tree, x) => nn.applySegmenter({ ...segmenter, norm: "instance" }, tree, x),
  },
}
