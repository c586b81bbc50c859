import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { Tensors, tf } from "../src/index.ts"
import { on } from "./on.ts"

const image = (height: number, width: number, channels = 1) => tf.ones<tf.Rank.R4>([1, height, width, channels])
const filter = (rows: number, columns: number) => tf.ones<tf.Rank.R4>([rows, columns, 1, 1])

describe.each(["wasm", "cpu"] as const)("sizes on %s", (name) => {
  const shapes = (make: () => ReadonlyArray<tf.Tensor>) =>
    on[name](Tensors.leakFree(Effect.sync(() => tf.tidy(() => make().map(({ shape }) => shape)))))

  it("padding by a number is the same on both axes, whatever the window", async () => {
    const made = await shapes(() => [
      tf.conv2d(image(8, 8), filter(4, 1), 1, 1),
      tf.conv2d(image(8, 8), filter(3, 3), [3, 2], 1),
      tf.depthwiseConv2d(image(8, 8), filter(4, 1), 1, 1),
      tf.fused.conv2d({ x: image(8, 8), filter: filter(4, 1), strides: 1, pad: 1, activation: "relu" }),
      tf.maxPool(image(8, 8), [4, 2], [3, 2], 1),
      tf.avgPool(image(8, 8), [4, 2], [3, 2], 1),
    ])
    expect(made).toEqual([
      [1, 7, 10, 1],
      [1, 3, 4, 1],
      [1, 7, 10, 1],
      [1, 7, 10, 1],
      [1, 3, 5, 1],
      [1, 3, 5, 1],
    ])
  })

  it("what just doesn't fit is empty", async () => {
    const made = await shapes(() => [
      tf.conv2d(image(7, 2), filter(1, 3), [1, 3], "valid"),
      tf.maxPool(image(2, 7), [3, 1], 1, 0),
    ])
    expect(made).toEqual([
      [1, 7, 0, 1],
      [1, 0, 7, 1],
    ])
  })

  it("a window that is larger than the image is refused", async () => {
    const refused = (make: () => tf.Tensor) => (message: string) =>
      expect(() => tf.tidy(() => void make())).toThrow(message)
    await on[name](
      Effect.sync(() => {
        refused(() => tf.conv2d(image(8, 2), filter(1, 5), 1, 0))(
          "Conv2D: a window of 1 x 5 doesn't fit in an image of 8 x 2, padding included",
        )
        refused(() => tf.depthwiseConv2d(image(2, 2), filter(5, 5), 1, "valid"))(
          "DepthwiseConv2dNative: a window of 5 x 5",
        )
        refused(() => tf.avgPool(image(2, 2), 6, 1, 1))("AvgPool: a window of 6 x 6")
      }),
    )
  })
})
