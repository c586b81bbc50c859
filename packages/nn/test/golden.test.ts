/** Layers and networks against PyTorch's numbers in `golden/layers.json`, which `golden/layers.py` writes. */
import { readFileSync } from "node:fs"
import { Backend, type Tensor, tf, type Tree } from "@relent/tensor"
import { describe, expect, it } from "vitest"
import * as nn from "../src/index.ts"
import { read } from "./gradients.ts"
import { on } from "./on.ts"

interface Golden {
  /** Of the input, if there is one; without the axis of members, as all shapes here. */
  readonly shape?: ReadonlyArray<number>
  readonly parameters: { readonly [path: string]: ReadonlyArray<number> }
  readonly output: { readonly shape: ReadonlyArray<number>; readonly values: ReadonlyArray<number> }
  readonly gradients: { readonly [path: string]: ReadonlyArray<number> }
}
const file = new URL("golden/layers.json", import.meta.url)
const goldens = JSON.parse(readFileSync(file, "utf8")) as { readonly [name: string]: Golden }

const image = { image: [4, 5, 1], channels: [2, 3], hidden: [], classes: 2, activation: "relu" } as const
const pixels = { image: [3, 4, 1], channels: [2, 3], classes: 2, activation: "relu" } as const
const text = { vocabulary: 5, context: 4, blocks: 1, width: 4, heads: 2, activation: "relu", bias: true } as const
const transformer = (tied: boolean) => (tree: Tree) =>
  nn.applyTransformer({ ...text, tied }, tree, tf.tensor3d([0, 4, 2, 1, 1, 3], [1, 2, 3], "int32"))

const applied: { readonly [name: string]: (tree: Tree, x: Tensor) => Tensor } = {
  "conv2d, same": nn.applyConv2d,
  "conv2d, same, stride 2": (tree, x) => nn.applyConv2d(tree, x, { stride: 2 }),
  "conv2d, valid, stride 2": (tree, x) => nn.applyConv2d(tree, x, { stride: 2, padding: "valid" }),
  "conv2d transposed, valid": (tree, x) => nn.applyConv2dTransposed(tree, x, { stride: 2, padding: "valid" }),
  "conv2d transposed, same": (tree, x) => nn.applyConv2dTransposed(tree, x, { stride: 2 }),
  "max pool": (_, x) => nn.maxPool(x, { size: 2 }),
  "average pool, overlapping": (_, x) => nn.averagePool(x, { size: 3, stride: 1 }),
  "resize, nearest, [4, 6]": (_, x) => nn.resize(x, [4, 6]),
  "resize, nearest, [3, 2]": (_, x) => nn.resize(x, [3, 2]),
  "resize, bilinear, [5, 6]": (_, x) => nn.resize(x, [5, 6], "bilinear"),
  "resize, bilinear, [1, 2]": (_, x) => nn.resize(x, [1, 2], "bilinear"),
  "layer norm": nn.applyLayerNorm,
  "RMS norm": nn.applyRmsNorm,
  "group norm": (tree, x) => nn.applyGroupNorm(tree, x, { groups: 2 }),
  "instance norm": nn.applyInstanceNorm,
  attention: (tree, x) => nn.applyAttention(tree, x, { heads: 2 }),
  "attention, causal": (tree, x) => nn.applyAttention(tree, x, { heads: 2, causal: true }),
  "attention, masked": (tree, x) =>
    nn.applyAttention(tree, x, { heads: 2, mask: tf.tensor4d([1, 1, 0], [1, 1, 1, 3]) }),
  cnn: (tree, x) => nn.applyCnn(image, tree, x),
  segmenter: (tree, x) => nn.applySegmenter({ ...pixels, norm: "none" }, tree, x),
  "segmenter with norms": (tree, x) => nn.applySegmenter({ ...pixels, norm: "instance" }, tree, x),
  transformer: transformer(false),
  "transformer, tied": transformer(true),
}

const sines = (shape: ReadonlyArray<number>, seed: number) => {
  const size = shape.reduce((product, n) => product * n, 1)
  return tf.tensor(
    Float32Array.from({ length: size }, (_, k) => Math.sin(1.7 * k + seed)),
    [1, ...shape],
  )
}

it("names every case of the file", () => expect(Object.keys(applied)).toEqual(Object.keys(goldens)))

describe.each(Object.entries(applied))("%s is PyTorch's", (name, apply) => {
  const { shape, parameters, output, gradients } = goldens[name]!
  const leaves = () => {
    const tree = Object.entries(parameters).map(([path, shape], i) => [path, sines(shape, i + 1)] as const)
    return { ...(shape && { input: sines(shape, 0) }), ...Object.fromEntries(tree) }
  }
  const call = ({ input, ...tree }: Record<string, Tensor>) => apply(tree, input!)
  const near = (found: ArrayLike<number>, wanted: ReadonlyArray<number>) => {
    expect(found.length).toBe(wanted.length)
    const size = Math.max(1, ...wanted.map(Math.abs))
    wanted.forEach((v, i) => expect(Math.abs(found[i]! - v) / size).toBeLessThan(1e-5))
  }

  it.each(["wasm", "cpu"] as const)("on %s", async (backend) => {
    const { y } = await on(
      read(() => ({ y: call(leaves()) })),
      Backend[backend],
    )
    expect(y!.shape).toEqual([1, ...output.shape])
    near(y!.values, output.values)
  })

  it("in its gradients", async () => {
    const found = await on(
      read(() => {
        const at = leaves()
        const paths = Object.keys(at)
        const loss = (...tensors: Array<Tensor>) =>
          tf.sum(tf.mul(call(Object.fromEntries(paths.map((path, i) => [path, tensors[i]!]))), sines(output.shape, 9)))
        const slopes = tf.grads(loss)(Object.values(at))
        return Object.fromEntries(paths.map((path, i) => [path, slopes[i]!]))
      }),
      Backend.cpu,
    )
    expect(Object.keys(found)).toEqual(Object.keys(gradients))
    for (const [path, wanted] of Object.entries(gradients)) near(found[path]!.values, wanted)
  })
})
