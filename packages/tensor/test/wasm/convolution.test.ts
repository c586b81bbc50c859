import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { tf } from "../../src/index.ts"
import { draws, many, once, property } from "./property.ts"
import { infoOf, numbers, runKernel, seen, Sums, type Windows, windows } from "./windows.ts"

const shapesOf = (one: Windows) => {
  const { outHeight, outWidth } = infoOf(one)
  const [batch, , , channels] = one.image
  const filter = [...one.filter, channels, one.more]
  return { image: one.image, filter, out: [batch, outHeight, outWidth, one.more] }
}
const size = (shape: ReadonlyArray<number>) => shape.reduce((n, d) => n * d, 1)
const attributesOf = ({ strides, dilations, pad }: Windows) => ({ strides, dilations, pad, dataFormat: "NHWC" })

/** Every product of a number of the image, one of the filter and a place that there is. */
const products = (one: Windows, visit: (image: number, filter: number, out: number) => void): void => {
  const channels = one.image[3]
  for (const { place, tap, pixel } of seen(one))
    for (let c = 0; c < channels; c++)
      for (let o = 0; o < one.more; o++)
        visit(pixel * channels + c, (tap * channels + c) * one.more + o, place * one.more + o)
}

describe("convolutions on wasm", () => {
  it(
    "are sums over what windows see",
    many,
    property(windows({ dilation: 3 }), async (one) => {
      const shapes = shapesOf(one)
      const [x, filter] = [numbers(one.seed, shapes.image), draws(one.seed + 1, size(shapes.filter))]
      const wanted = new Sums(size(shapes.out))
      products(one, (i, f, o) => wanted.add(o, x[i]! * filter[f]!))
      const given = { x: [x, shapes.image], filter: [filter, shapes.filter] } as const
      expect(wanted.differences(await runKernel(tf.Conv2D, given, attributesOf(one)))).toEqual([])
    }),
  )

  it(
    "add a bias, and stop at zero where they are asked to",
    many,
    property(fc.tuple(windows({ dilation: 2 }), fc.boolean(), fc.boolean()), async ([one, relu, biased]) => {
      const shapes = shapesOf(one)
      const [x, filter] = [draws(one.seed, size(shapes.image)), draws(one.seed + 1, size(shapes.filter))]
      const bias = draws(one.seed + 2, one.more)
      const plain = { x: [x, shapes.image], filter: [filter, shapes.filter] } as const
      const attributes = attributesOf(one)
      const sums = await runKernel(tf.Conv2D, plain, attributes)
      const fused = { ...attributes, activation: relu ? "relu" : "linear" }
      const found = await runKernel(tf.FusedConv2D, biased ? { ...plain, bias: [bias, [one.more]] } : plain, fused)
      const wanted = sums.map((sum, at) => {
        const y = biased ? Math.fround(sum + bias[at % one.more]!) : sum
        return relu ? Math.max(0, y) : y
      })
      // More than 256 terms are added up in two steps, the bias to the first of them.
      const close = found.map((y, at) => Math.abs(y - wanted[at]!) <= 1e-4)
      expect([found.length, close.every((is) => is)]).toEqual([wanted.length, true])
    }),
  )

  it(
    "have a gradient to the filter",
    many,
    property(windows(), async (one) => {
      const shapes = shapesOf(one)
      const [x, dy] = [numbers(one.seed, shapes.image), draws(one.seed + 1, size(shapes.out))]
      const wanted = new Sums(size(shapes.filter))
      products(one, (i, f, o) => wanted.add(f, x[i]! * dy[o]!))
      const given = { x: [x, shapes.image], dy: [dy, shapes.out] } as const
      const attributes = { ...attributesOf(one), filterShape: shapes.filter }
      expect(wanted.differences(await runKernel(tf.Conv2DBackpropFilter, given, attributes))).toEqual([])
    }),
  )

  it(
    "have a gradient to the image, which is a transposed convolution",
    many,
    property(windows(), async (one) => {
      const shapes = shapesOf(one)
      const [dy, filter] = [numbers(one.seed, shapes.out), draws(one.seed + 1, size(shapes.filter))]
      const wanted = new Sums(size(shapes.image))
      products(one, (i, f, o) => wanted.add(i, dy[o]! * filter[f]!))
      const given = { dy: [dy, shapes.out], filter: [filter, shapes.filter] } as const
      const attributes = { ...attributesOf(one), inputShape: shapes.image }
      expect(wanted.differences(await runKernel(tf.Conv2DBackpropInput, given, attributes))).toEqual([])
    }),
  )

  it(
    "are the same number by number in a batch of several pieces and one image at a time",
    many,
    once(async () => {
      const [image, filter] = [
        [9, 40, 40, 24],
        [3, 3, 24, 8],
      ] as const // 1.7 MB with their border
      const [x, w] = [draws(1, size(image)), draws(2, size(filter))]
      const attributes = { strides: 1, dilations: 1, pad: "same", dataFormat: "NHWC" }
      const all = await runKernel(tf.Conv2D, { x: [x, image], filter: [w, filter] }, attributes)
      const [each, out] = [size(image) / 9, 40 * 40 * 8]
      for (const at of [0, 5, 8]) {
        const given = { x: [x.subarray(at * each, (at + 1) * each), [1, 40, 40, 24]], filter: [w, filter] } as const
        expect(await runKernel(tf.Conv2D, given, attributes)).toEqual(all.slice(at * out, (at + 1) * out))
      }
    }),
  )

  it(
    "in one dimension are those in two",
    many,
    property(
      fc.record({
        width: fc.integer({ min: 5, max: 40 }),
        channels: fc.integer({ min: 1, max: 9 }),
        taps: fc.integer({ min: 1, max: 5 }),
        stride: fc.integer({ min: 1, max: 3 }),
        seed: fc.nat(1e6),
      }),
      async ({ width, channels, taps, stride, seed }) => {
        const [x, w] = [draws(seed, 2 * width * channels), draws(seed + 1, taps * channels * 3)]
        const y = tf.tidy(() => {
          const filter = tf.tensor3d(w, [taps, channels, 3])
          return tf.conv1d(tf.tensor3d(x, [2, width, channels]), filter, stride, "valid")
        })
        const places = Math.floor((width - taps) / stride) + 1
        const wanted = new Sums(2 * places * 3)
        for (let at = 0; at < 2 * places * 3; at++)
          for (let k = 0; k < taps; k++)
            for (let c = 0; c < channels; c++) {
              const [n, i, o] = [Math.floor(at / places / 3), Math.floor(at / 3) % places, at % 3]
              wanted.add(at, x[(n * width + i * stride + k) * channels + c]! * w[(k * channels + c) * 3 + o]!)
            }
        const found = Array.from(await y.data())
        y.dispose()
        expect(wanted.differences(found)).toEqual([])
      },
    ),
  )
})
