import { describe, expect, it } from "vitest"
import { tf } from "../../src/index.ts"
import { draws, many, property } from "./property.ts"
import { raw } from "./raw.ts"
import { infoOf, numbers, placeOfWindows, runKernel, seen, Sums, type Windows, windows } from "./windows.ts"

const size = (shape: ReadonlyArray<number>) => shape.reduce((n, d) => n * d, 1)
/** `more` is how many results each channel has. */
const shapesOf = (one: Windows) => {
  const { outHeight, outWidth } = infoOf(one)
  const [batch, , , channels] = one.image
  return {
    image: one.image,
    filter: [...one.filter, channels, one.more],
    out: [batch, outHeight, outWidth, channels * one.more],
  }
}
const attributesOf = ({ strides, dilations, pad }: Windows) => ({ strides, dilations, pad, dataFormat: "NHWC" })

/** Every product of a number of the image, one of the filter and a place that there is. */
const products = (one: Windows, visit: (image: number, filter: number, out: number) => void): void => {
  const channels = one.image[3]
  for (const { place, tap, pixel } of seen(one))
    for (let c = 0; c < channels; c++)
      for (let q = 0; q < one.more; q++) {
        const k = c * one.more + q
        visit(pixel * channels + c, tap * channels * one.more + k, place * channels * one.more + k)
      }
}

describe("convolutions of each channel by itself, on wasm", () => {
  it(
    "are sums over what windows see, and so are their gradients",
    many,
    property(windows({ dilation: 3, more: 5 }), async (one) => {
      const { image, filter: taps, out } = shapesOf(one)
      const x = numbers(one.seed, image)
      const [filter, dy] = [draws(one.seed + 1, size(taps)), draws(one.seed + 2, size(out))]
      const [y, dx, df] = [new Sums(size(out)), new Sums(size(image)), new Sums(size(taps))]
      products(one, (i, f, o) => {
        y.add(o, x[i]! * filter[f]!)
        dx.add(i, dy[o]! * filter[f]!)
        df.add(f, x[i]! * dy[o]!)
      })
      const attributes = attributesOf(one)
      const found = [
        [y, await runKernel(tf.DepthwiseConv2dNative, { x: [x, image], filter: [filter, taps] }, attributes)],
        [
          dx,
          await runKernel(
            tf.DepthwiseConv2dNativeBackpropInput,
            { dy: [dy, out], filter: [filter, taps] },
            { ...attributes, inputShape: image },
          ),
        ],
        [
          df,
          await runKernel(
            tf.DepthwiseConv2dNativeBackpropFilter,
            { x: [x, image], dy: [dy, out] },
            { ...attributes, filterShape: taps },
          ),
        ],
      ] as const
      expect(found.map(([wanted, values]) => wanted.differences(values))).toEqual([[], [], []])
    }),
  )

  it(
    "read and write nothing else, at any address",
    many,
    property(windows({ dilation: 3, more: 5 }), async (one) => {
      const { image, filter: taps, out } = shapesOf(one)
      const [x, filter, dy] = [image, taps, out].map((shape, i) => draws(one.seed + i, size(shape)))
      const attributes = attributesOf(one)
      const [batch, , , channels] = image
      const sizes = () => [placeOfWindows(one), one.more] as const
      const { y } = raw("depthwise", { x: x!, filter: filter!, y: dy!.length }, ["y"], ({ x, filter, y }) => {
        return [x!, filter!, y!, ...sizes(), 0, batch * out[1]!]
      })
      const { dx } = raw(
        "depthwiseInput",
        { dy: dy!, filter: filter!, dx: x!.length },
        ["dx"],
        ({ dy, filter, dx }) => {
          return [dy!, filter!, dx!, ...sizes(), batch]
        },
      )
      const { df } = raw("depthwiseFilter", { x: x!, dy: dy!, df: filter!.length }, ["df"], ({ x, dy, df }) => {
        return [x!, dy!, df!, ...sizes(), batch, 0, channels * one.more]
      })
      const [input, slopes] = [
        [x!, image],
        [dy!, out],
      ] as const
      const weights = [filter!, taps] as const
      expect([y, dx, df].map((values) => Array.from(values!))).toEqual([
        await runKernel(tf.DepthwiseConv2dNative, { x: input, filter: weights }, attributes),
        await runKernel(
          tf.DepthwiseConv2dNativeBackpropInput,
          { dy: slopes, filter: weights },
          { ...attributes, inputShape: image },
        ),
        await runKernel(
          tf.DepthwiseConv2dNativeBackpropFilter,
          { x: input, dy: slopes },
          { ...attributes, filterShape: taps },
        ),
      ])
    }),
  )
})
