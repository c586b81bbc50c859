/** What PyTorch has no layer for: exact numbers, and what is refused. */
import { source } from "@relent/random"
import { Backend, type Tensor, tf } from "@relent/tensor"
import { describe, expect, it } from "vitest"
import * as nn from "../src/index.ts"
import { read } from "./gradients.ts"
import { on } from "./on.ts"

const random = source({ seed: 1, stream: "values" })
const valuesOf = async (f: () => Tensor) => {
  const { y } = await on(
    read(() => ({ y: f() })),
    Backend.wasm,
  )
  return [...y!.values]
}
const near = (found: ReadonlyArray<number>, wanted: ReadonlyArray<number>) => {
  expect(found.length).toBe(wanted.length)
  wanted.forEach((v, i) => expect(found[i]).toBeCloseTo(v, 6))
}

describe("positions and times", () => {
  it("sinusoidal positions pair sine and cosine", async () => {
    const found = await valuesOf(() => nn.sinusoidalPositions(3, 4))
    const row = (p: number) => [Math.sin(p), Math.cos(p), Math.sin(p / 100), Math.cos(p / 100)]
    near(found, [...row(0), ...row(1), ...row(2)])
  })

  it("a time is cosines and then sines of ever slower waves", async () => {
    const found = await valuesOf(() => nn.timeEmbedding(tf.tensor2d([0, 3], [1, 2]), { width: 4, maxPeriod: 100 }))
    near(found, [1, 1, 0, 0, Math.cos(3), Math.cos(0.3), Math.sin(3), Math.sin(0.3)])
  })

  it("Fourier features turn once a unit for a frequency of one", async () => {
    const tree = () => ({ frequencies: tf.tensor3d([1, 0.5, 0, 0.25], [1, 2, 2]) })
    const found = await valuesOf(() => nn.applyFourier(tree(), tf.tensor3d([0.25, 1], [1, 1, 2])))
    near(found, [0, Math.cos(0.75 * Math.PI), 1, Math.sin(0.75 * Math.PI)])
  })
})

describe("images", () => {
  it("the mean of a channel", async () => {
    const x = () => tf.tensor([1, 10, 2, 20, 3, 30, 6, 0], [1, 1, 2, 2, 2])
    expect(await valuesOf(() => nn.globalAveragePool(x()))).toEqual([3, 15])
  })

  it("pixels are areas: a line twice as long repeats its ends and weighs 3 to 1 between", async () => {
    const line = () => tf.tensor([0, 4, 8], [1, 1, 1, 3, 1])
    expect(await valuesOf(() => nn.resize(line(), [1, 6], "bilinear"))).toEqual([0, 1, 3, 5, 7, 8])
    expect(await valuesOf(() => nn.resize(line(), [1, 6]))).toEqual([0, 0, 4, 4, 8, 8])
    expect(await valuesOf(() => nn.resize(line(), [1, 2]))).toEqual([0, 4])
  })

  it("a skip's channels come after those it meets, for all members", async () => {
    expect(nn.concatenatedWidth(3, 2)).toBe(5)
    const [x, skip] = [() => tf.tensor([1, 2, 3, 4], [2, 1, 2]), () => tf.tensor([9], [1, 1, 1])]
    expect(await valuesOf(() => nn.concatenated(x(), skip()))).toEqual([1, 2, 9, 3, 4, 9])
  })
})

it("a token that sees only itself gives its own value, whatever the others are", async () => {
  const identity = () => tf.tensor3d([1, 0, 1, 0, 1, 0, 0, 1, 0, 1, 0, 1], [1, 2, 6])
  const tree = () => ({ "qkv/weight": identity(), "out/weight": tf.tensor3d([1, 0, 0, 1], [1, 2, 2]) })
  const x = () => tf.tensor4d([1, 2, 3, 4, 500, -600], [1, 1, 3, 2])
  const mask = () => tf.reshape(tf.eye(3), [1, 1, 3, 3])
  near(await valuesOf(() => nn.applyAttention(tree(), x(), { heads: 1, mask: mask() })), [1, 2, 3, 4, 500, -600])
})

const tokens = () => tf.zeros([1, 2, 3, 4])
it.each<[string, () => unknown, string]>([
  ["groups", () => nn.applyGroupNorm({}, tokens(), { groups: 3 }), "4 channels can't be 3 groups of equal size"],
  ["heads", () => nn.headWidth(4, 3), "a width of 4 can't be 3 heads of equal size"],
  ["times", () => nn.timeEmbedding(tf.zeros([1, 2]), { width: 3 }), "a width of 3 has no room for pairs"],
  ["positions", () => nn.sinusoidalPositions(2, 5), "a width of 5 has no room for pairs"],
  [
    "frequencies",
    () => nn.initFourier({ inputs: 1, width: 7, members: 1, scale: 1 }, random, 0),
    "a width of 7 has no room for pairs",
  ],
  [
    "context",
    () => nn.applyPositions({ table: tf.zeros([1, 2, 4]) }, tokens()),
    "there are 3 tokens, and places for 2",
  ],
  [
    "images",
    () =>
      nn.initCnn({ image: [1, 2, 1], channels: [1], hidden: [], classes: 2, members: 1, activation: "relu" }, random),
    "an image of 1 x 2 can't be halved 1 times",
  ],
])("%s that don't fit are refused", (_, f, message) => {
  expect(() => tf.tidy(() => void f())).toThrow(
    expect.objectContaining({ _tag: "LayerInvalid", message: expect.stringContaining(message) }),
  )
})
