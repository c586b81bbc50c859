import { decodeTable, encodeTable, tensorValue } from "@relent/arrow"
import { source } from "@relent/random"
import { testBackend } from "@relent/tensor/testing"
import { Effect } from "effect"
import { createHash } from "node:crypto"
import { describe, expect, it } from "vitest"
import * as nn from "../src/index.ts"
import { fit, initMlp, loadModel, type Mlp, Model, predict, rowOf } from "../src/index.ts"
import { on } from "./on.ts"
import { labels, shape, training, values } from "./problem.ts"

const random = source({ seed: 1, stream: "model" })
const start = (members: number, more: Partial<Mlp> = {}): Mlp => ({
  kind: "mlp",
  ...shape(members),
  input: { dtype: "float32", scale: 1 },
  parameters: initMlp(shape(members), random),
  ...more,
})
const file = (model: Model) => new Uint8Array(Buffer.concat([...encodeTable(Model.encode(model))]))

const input = { dtype: "uint8", scale: 1 / 255 } as const
const image = { image: [6, 5, 2], channels: [3, 4], hidden: [5], classes: 3, members: 2, activation: "relu" } as const
const cnn = (more: Partial<nn.Cnn> = {}): nn.Cnn => ({
  kind: "cnn",
  ...image,
  input,
  parameters: nn.initCnn(image, random),
  ...more,
})
const text = {
  vocabulary: 7,
  context: 4,
  blocks: 2,
  width: 6,
  heads: 3,
  members: 2,
  activation: "gelu",
  bias: true,
  tied: false,
} as const
const transformer = (more: Partial<nn.TransformerShape> = {}): nn.Transformer => {
  const shape = { ...text, ...more }
  return { kind: "transformer", ...shape, parameters: nn.initTransformer(shape, random) }
}
const picture = { image: [5, 4, 2], channels: [4, 6, 8], groups: 2, members: 2, activation: "silu" } as const
const unet = (more: Partial<nn.UnetShape> = {}): nn.Unet => {
  const shape = { ...picture, ...more }
  return { kind: "unet", ...shape, input: { dtype: "float32", scale: 1 }, parameters: nn.initUnet(shape, random) }
}
const organ = { image: [5, 4, 2], channels: [2, 3, 4], classes: 3, norm: "instance", members: 2 } as const
const segmenter = (more: Partial<nn.SegmenterShape> = {}): nn.Segmenter => {
  const shape = { ...organ, activation: "relu", ...more } as const
  return { kind: "segmenter", ...shape, input, parameters: nn.initSegmenter(shape, random) }
}
const ids = Int32Array.from({ length: 12 }, (_, i) => (i * 5) % 7)

describe("a model", () => {
  it("has the bytes that it had before there were other kinds", () => {
    const digest = createHash("sha256")
      .update(file(start(2)))
      .digest("hex")
    expect(digest).toBe("3a45aa9d8c98a748c39b7b325f8dd3aca434209ebbff71da146554cd9c6cbe72")
  })

  it.each([
    ["CNN", cnn()],
    ["transformer", transformer()],
    ["tied transformer", transformer({ tied: true })],
    ["U-Net", unet()],
    ["U-Net of one size", unet({ channels: [4] })],
    ["segmenter", segmenter()],
    ["segmenter of one size, without norms", segmenter({ channels: [2], norm: "none" })],
  ] as const)("crosses a table as a %s", async (_, model) => {
    expect(await Effect.runPromise(loadModel(decodeTable(file(model))))).toEqual(model)
  })

  it("knows its rows", () => {
    expect(rowOf(start(2))).toEqual({ inputs: 4, outputs: 3, products: 56 })
    const convolutions = 6 * 5 * 9 * 2 * 3 + 3 * 2 * 9 * 3 * 4
    expect(rowOf(cnn())).toEqual({ inputs: 60, outputs: 3, products: convolutions + 4 * 5 + 5 * 3 })
    const level = (h: number, w: number, outputs: number, ...inputs: Array<number>) =>
      inputs.reduce((sum, n) => sum + 9 * h * w * outputs * n, 0)
    const ways = level(5, 4, 4, 4, 4, 10, 4) + level(2, 2, 6, 4, 6, 14, 6) + level(1, 1, 8, 6, 8)
    expect(rowOf(unet())).toEqual({ inputs: 41, outputs: 40, products: ways + 2 * 9 * 40 * 4 })
    const halves = level(5, 4, 2, 2, 5) + level(3, 2, 3, 2, 3, 7) + level(2, 1, 4, 3, 4)
    expect(rowOf(segmenter())).toEqual({ inputs: 40, outputs: 60, products: halves + 20 * 2 * 3 })
    const blocks = 2 * (12 * 6 * 6 + 2 * 4 * 6)
    expect(rowOf(transformer())).toEqual({ inputs: 4, outputs: 28, products: 4 * (blocks + 6 * 7) })
  })

  it("crosses a table without losing a bit", async () => {
    const { parameters } = await on(fit(training({ steps: 3 })))
    const model = start(2, { parameters, activation: "gelu", input: { dtype: "uint8", scale: 1 / 255 } })
    expect(await Effect.runPromise(loadModel(decodeTable(file(model))))).toEqual(model)
  })

  it("is read and used in a few lines", async () => {
    const { parameters } = await on(fit(training({ steps: 200 })))
    const bytes = file(start(2, { parameters }))

    const model = await Effect.runPromise(loadModel(decodeTable(bytes)))
    const logits = await Effect.runPromise(predict(model, values).pipe(Effect.provide(testBackend)))

    const right = labels.reduce((count, label, row) => {
      const own = logits.subarray(3 * row, 3 * row + 3)
      return count + Number(own.indexOf(Math.max(...own)) === label)
    }, 0)
    expect(right / labels.length).toBeGreaterThan(0.9)
  })

  it("gives the logits of its layers, for each member, over many batches", async () => {
    const model = start(2, { input: { dtype: "uint8", scale: 1 / 255 } })
    const rows = 2345
    const images = Uint8Array.from({ length: rows * 4 }, (_, i) => (i * 31) % 256)
    const logits = await on(predict(model, images))
    const [w0, w1] = [0, 1].map((l) => model.parameters[`layers/${l}/weight`]!.values as Float32Array)
    for (const [m, row] of [
      [0, 0],
      [1, 999],
      [0, 1000],
      [1, 2344],
    ] as const) {
      const x = [...images.subarray(row * 4, row * 4 + 4)].map((v) => v / 255)
      const h = Array.from({ length: 8 }, (_, j) =>
        Math.max(
          0,
          x.reduce((s, v, i) => s + v * w0![m * 32 + i * 8 + j]!, 0),
        ),
      )
      const z = Array.from({ length: 3 }, (_, c) => h.reduce((s, v, j) => s + v * w1![m * 24 + j * 3 + c]!, 0))
      z.forEach((v, c) => expect(logits[(m * rows + row) * 3 + c]).toBeCloseTo(v, 5))
    }
  })

  it("refuses inputs unlike those of its training", async () => {
    const model = start(1, { input: { dtype: "uint8", scale: 1 / 255 } })
    const message = (v: Uint8Array | Float32Array) => on(Effect.map(Effect.flip(predict(model, v)), (e) => e.message))
    expect(await message(new Float32Array(4))).toBe("the inputs are float32, the model was trained on uint8")
    expect(await message(new Uint8Array(6))).toBe("6 numbers aren't rows of 4")
  })

  it.each([
    ["no bias", { "layers/1/bias": undefined }, "there is no tensor 'layers/1/bias'"],
    [
      "weights of other widths",
      { "layers/0/weight": tensorValue("float32", new Float32Array(8), [1, 2, 4]) },
      "tensor 'layers/0/weight' is float32 [1, 2, 4], wanted float32 [1, 4, 8]",
    ],
  ])("with %s is refused", async (_, change, message) => {
    const model = start(1)
    const parameters = Object.fromEntries(
      Object.entries({ ...model.parameters, ...change }).filter(([, tensor]) => tensor !== undefined),
    ) as Model["parameters"]
    const error = await Effect.runPromise(Effect.flip(loadModel(Model.encode({ ...model, parameters }))))
    expect(error._tag).toBe("TableMismatch")
    expect(error.message).toContain(message)
  })

  it("gives the logits of a CNN, for each member, over many batches", async () => {
    const model = cnn()
    const rows = 1003
    const images = Uint8Array.from({ length: rows * 60 }, (_, i) => (i * 31) % 256)
    const logits = await on(predict(model, images))
    expect(logits.length).toBe(2 * rows * 3)
    for (const row of [0, 1000, 1002]) {
      const alone = await on(predict(model, images.subarray(row * 60, row * 60 + 60)))
      for (const m of [0, 1])
        [0, 1, 2].forEach((c) => expect(logits[(m * rows + row) * 3 + c]).toBeCloseTo(alone[m * 3 + c]!, 5))
    }
    expect(logits[0]).not.toBeCloseTo(logits[rows * 3]!, 3)
  })

  it("gives a transformer's logits for each token, from those up to it", async () => {
    const model = transformer()
    const logits = await on(predict(model, ids))
    expect(logits.length).toBe(2 * 3 * 4 * 7)
    const changed = await on(predict(model, ids.with(3, (ids[3]! + 1) % 7)))
    expect(changed.subarray(0, 3 * 7)).toEqual(logits.subarray(0, 3 * 7))
    expect(changed.subarray(3 * 7, 4 * 7)).not.toEqual(logits.subarray(3 * 7, 4 * 7))
  })

  it("gives an image of each image and time, by a U-Net", async () => {
    const model = unet()
    const rows = Float32Array.from({ length: 3 * 41 }, (_, i) =>
      i % 41 === 40 ? 100 * Math.floor(i / 41) : Math.sin(i),
    )
    const images = await on(predict(model, rows))
    expect(images.length).toBe(2 * 3 * 40)
    const third = await on(predict(model, rows.subarray(82)))
    third.forEach((v, i) => expect(images[(i < 40 ? 80 : 160) + i]).toBeCloseTo(v, 4))
    const later = await on(predict(model, rows.with(40, 500)))
    expect(later.subarray(0, 40)).not.toEqual(images.subarray(0, 40))
    expect(later.subarray(40, 120)).toEqual(images.subarray(40, 120))
  })

  it("of a transformer refuses what aren't rows of its tokens", async () => {
    const message = (v: Uint8Array | Int32Array) =>
      on(Effect.map(Effect.flip(predict(transformer(), v)), (e) => `${e.message}; ${e.hint}`))
    expect(await message(new Uint8Array(4))).toBe(
      "the inputs are uint8, the model was trained on int32; give ids of tokens",
    )
    expect(await message(new Int32Array(6))).toContain("6 numbers aren't rows of 4")
    expect(await message(Int32Array.of(0, 7, 1, 2))).toBe("there is no token 7; ids are from 0 to 6")
    expect(await message(Int32Array.of(0, 1, 1, -2))).toBe("there is no token -2; ids are from 0 to 6")
  })

  it.each([
    [
      "a CNN of another image",
      cnn({ image: [12, 5, 2] }),
      "tensor 'layers/0/weight' is float32 [2, 4, 5], wanted float32 [2, 12, 5]",
    ],
    ["a CNN whose image is used up", cnn({ image: [3, 5, 2] }), "an image of 3 x 5 can't be halved 2 times"],
    [
      "a transformer without its head",
      { ...transformer({ tied: true }), tied: false },
      "there is no tensor 'head/weight'",
    ],
    ["a U-Net whose image is used up", { ...unet(), image: [3, 4, 2] }, "an image of 3 x 4 can't be halved 2 times"],
    ["a U-Net of other groups", { ...unet(), groups: 4 }, "6 channels can't be 4 groups of equal size"],
    ["a U-Net of an odd width", { ...unet(), channels: [3], groups: 1 }, "a width of 3 has no room for pairs"],
    ["a transformer of other heads", { ...transformer(), heads: 4 }, "a width of 6 can't be 4 heads of equal size"],
  ] as const)("that is %s is refused", async (_, model, message) => {
    const error = await Effect.runPromise(Effect.flip(loadModel(Model.encode(model))))
    expect(error._tag).toBe("TableMismatch")
    expect(error.message).toContain(message)
  })
})
