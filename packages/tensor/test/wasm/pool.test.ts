import { describe, expect, it } from "vitest"
import { tf } from "../../src/index.ts"
import { draws, many, property } from "./property.ts"
import { raw } from "./raw.ts"
import { infoOf, numbers, placeOfWindows, runKernel, seen, Sums, type Windows, windows } from "./windows.ts"

const size = (shape: ReadonlyArray<number>) => shape.reduce((n, d) => n * d, 1)
const shapesOf = (one: Windows) => {
  const { outHeight, outWidth } = infoOf(one)
  return { image: one.image, out: [one.image[0], outHeight, outWidth, one.image[3]] }
}
const attributesOf = ({ filter, strides, pad }: Windows) => ({ filterSize: filter, strides, pad })

/** For each output the cells of its window, row by row. */
const cellsOf = (one: Windows): ReadonlyArray<ReadonlyArray<number>> => {
  const channels = one.image[3]
  const cells = Array.from({ length: size(shapesOf(one).out) }, (): Array<number> => [])
  for (const { place, pixel } of seen(one))
    for (let c = 0; c < channels; c++) cells[place * channels + c]!.push(pixel * channels + c)
  return cells
}
/** Equal numbers here and there, so that maxima aren't alone. */
const images = (one: Windows) =>
  numbers(one.seed, one.image).map((x) => (one.seed % 2 === 0 ? x : Math.round(2 * x) / 2))

const largest = (values: ReadonlyArray<number>) => Math.max(...values.filter((x) => !Number.isNaN(x)))

describe("pools on wasm", () => {
  it(
    "take the largest of what windows see, NaN left out",
    many,
    property(windows(), async (one) => {
      const x = images(one)
      const found = await runKernel(tf.MaxPool, { x: [x, one.image] }, attributesOf(one))
      // 0 and -0 are equally large.
      expect(found.map((y) => y + 0)).toEqual(cellsOf(one).map((cells) => largest(cells.map((i) => x[i]!)) + 0))
    }),
  )

  it(
    "give the whole gradient to the first of the largest",
    many,
    property(windows(), async (one) => {
      const { image, out } = shapesOf(one)
      const x = images(one)
      const cells = cellsOf(one)
      const y = Float32Array.from(cells, (cells) => largest(cells.map((i) => x[i]!)))
      const dy = draws(one.seed + 1, size(out))
      const wanted = new Sums(size(image))
      for (const [at, seen] of cells.entries()) {
        const first = seen.find((i) => x[i] === y[at])
        if (first !== undefined) wanted.add(first, dy[at]!)
      }
      const given = { dy: [dy, out], input: [x, image], output: [y, out] } as const
      expect(wanted.differences(await runKernel(tf.MaxPoolGrad, given, attributesOf(one)))).toEqual([])
    }),
  )

  it(
    "take the mean over the cells inside the image, and give each its part of the gradient",
    many,
    property(windows(), async (one) => {
      const { image, out } = shapesOf(one)
      const [x, dy] = [draws(one.seed, size(image)), draws(one.seed + 1, size(out))]
      const [means, slopes] = [new Sums(size(out)), new Sums(size(image))]
      const cells = cellsOf(one)
      for (const [at, seen] of cells.entries())
        for (const i of seen) {
          means.add(at, x[i]! / seen.length)
          slopes.add(i, dy[at]! / seen.length)
        }
      const found = await runKernel(tf.AvgPool, { x: [x, image] }, attributesOf(one))
      const seen = found.map((y, at) => (cells[at]!.length === 0 ? 0 : y)) // the mean of nothing is no number
      expect(means.differences(seen)).toEqual([])
      const given = { dy: [dy, out], input: [x, image] } as const
      expect(slopes.differences(await runKernel(tf.AvgPoolGrad, given, attributesOf(one)))).toEqual([])
    }),
  )

  it(
    "read and write nothing else, at any address",
    many,
    property(windows(), async (one) => {
      const { image, out } = shapesOf(one)
      const [x, dy] = [draws(one.seed, size(image)), draws(one.seed + 1, size(out))]
      const attributes = attributesOf(one)
      const rows = image[0] * out[1]!
      const found = (name: "maxPool" | "averagePool") =>
        raw(name, { x, y: size(out) }, ["y"], ({ x, y }) => [x!, y!, placeOfWindows(one), 0, rows])["y"]!
      const largest = found("maxPool")
      expect(Array.from(largest)).toEqual(await runKernel(tf.MaxPool, { x: [x, image] }, attributes))
      expect(Array.from(found("averagePool"))).toEqual(await runKernel(tf.AvgPool, { x: [x, image] }, attributes))
      const { dx } = raw("poolGrad", { dy, x, y: largest, dx: x.length }, ["dx"], ({ dy, x, y, dx }) => [
        dy!,
        x!,
        y!,
        dx!,
        placeOfWindows(one),
        image[0],
      ])
      const given = { dy: [dy, out], input: [x, image], output: [largest, out] } as const
      expect(Array.from(dx!)).toEqual(await runKernel(tf.MaxPoolGrad, given, attributes))
    }),
  )
})
