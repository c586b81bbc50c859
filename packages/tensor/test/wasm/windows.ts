/** Random windows on random images, and every cell that each of them sees: the references of convolutions and pools go through these. */
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm"
import * as fc from "fast-check"
import { type Tensor, tf } from "../../src/index.ts"
import { placeOf } from "../../src/wasm/kernel/geometry.ts"
import { machineOf } from "../../src/wasm/machine.ts"
import { draws } from "./property.ts"

export type Shape = [number, number, number, number]
type Pair = [number, number]
type Pad = "same" | "valid" | number | [[0, 0], Pair, Pair, [0, 0]]

const small = fc.integer({ min: 0, max: 3 })
const pad: fc.Arbitrary<Pad> = fc.oneof(
  fc.constantFrom<Pad>("same", "same", "valid", 0, 1, 2),
  fc.tuple(small, small, small, small).map(([t, b, l, r]): Pad => [
    [0, 0],
    [t, b],
    [l, r],
    [0, 0],
  ]),
)
const side = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom(1, 12, 13))
const window = fc.integer({ min: 1, max: 5 })
const stride = fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 4 }))
/** Around the lengths of vectors and tiles. */
const channels = fc.oneof(fc.integer({ min: 1, max: 5 }), fc.constantFrom(1, 3, 7, 8, 16, 19, 36))

export interface Windows {
  readonly image: Shape
  readonly filter: Pair
  readonly strides: Pair
  readonly dilations: Pair
  readonly pad: Pad
  readonly more: number
  readonly seed: number
}

/** Windows that fit: larger than their stride, and smaller. */
export const windows = (most: { readonly dilation?: number; readonly more?: number } = {}): fc.Arbitrary<Windows> => {
  const dilation = fc.integer({ min: 1, max: most.dilation ?? 1 })
  return fc
    .record({
      image: fc.tuple(fc.integer({ min: 0, max: 3 }), side, side, channels),
      filter: fc.tuple(window, window),
      strides: fc.tuple(stride, stride),
      dilations: fc.tuple(dilation, dilation),
      pad,
      more: most.more === undefined ? channels : fc.integer({ min: 1, max: most.more }),
      seed: fc.nat(1e6),
    })
    .filter((one) => {
      const { outHeight, outWidth } = infoOf(one)
      return outHeight > 0 && outWidth > 0
    })
}

/** Padding by a number is the same on all sides: the library's own sizes are wrong for it. */
const spelled = (pad: Pad): Pad =>
  typeof pad === "number"
    ? [
        [0, 0],
        [pad, pad],
        [pad, pad],
        [0, 0],
      ]
    : pad

export const infoOf = ({ image, filter, strides, dilations, pad }: Windows): tf.backend_util.Conv2DInfo =>
  tf.backend_util.computeConv2DInfo(image, [...filter, image[3], 1], strides, dilations, spelled(pad))

/** A cell that a window sees: of which place, by which tap, where in the image; without channels. */
export interface Seen {
  readonly place: number
  readonly tap: number
  readonly pixel: number
}

/** All cells inside of images that windows see, by place and tap. */
export const seen = (one: Windows): ReadonlyArray<Seen> => {
  const { outHeight, outWidth, padInfo } = infoOf(one)
  const [batch, height, width] = one.image
  const cells: Array<Seen> = []
  for (let n = 0; n < batch; n++)
    for (let i = 0; i < outHeight; i++)
      for (let j = 0; j < outWidth; j++)
        for (let u = 0; u < one.filter[0]; u++)
          for (let v = 0; v < one.filter[1]; v++) {
            const y = i * one.strides[0] + u * one.dilations[0] - padInfo.top
            const x = j * one.strides[1] + v * one.dilations[1] - padInfo.left
            if (y < 0 || y >= height || x < 0 || x >= width) continue
            const place = (n * outHeight + i) * outWidth + j
            cells.push({ place, tap: u * one.filter[1] + v, pixel: (n * height + y) * width + x })
          }
  return cells
}

/** Numbers of a tensor, one of them now and then no number, or none that is finite. */
export const numbers = (seed: number, shape: ReadonlyArray<number>): Float32Array => {
  const values = draws(
    seed,
    shape.reduce((n, d) => n * d, 1),
  )
  const nasty = [NaN, Infinity, -Infinity, 3e38, 1e-45, -0]
  if (seed % 5 === 0 && values.length > 0) values[seed % values.length] = nasty[(seed / 5) % nasty.length]!
  return values
}

/** What a kernel of the backend in use gives. */
export const runKernel = async (
  kernel: string,
  inputs: { readonly [name: string]: readonly [values: Float32Array, shape: ReadonlyArray<number>] },
  attributes: object,
): Promise<ReadonlyArray<number>> => {
  const tensors = Object.entries(inputs).map(
    ([name, [values, shape]]) => [name, tf.tensor(values, [...shape])] as const,
  )
  const out = tf.engine().runKernel<Tensor>(kernel, Object.fromEntries(tensors), attributes as tf.NamedAttrMap)
  const values = Array.from(await out.data())
  tf.dispose([out, ...tensors.map(([, tensor]) => tensor)])
  return values
}

/** Sums of products in float64, and how far off a float32 sum of as many terms can be. */
export class Sums {
  private readonly sum: Float64Array
  private readonly size: Float64Array
  private readonly count: Float64Array
  constructor(length: number) {
    this.sum = new Float64Array(length)
    this.size = new Float64Array(length)
    this.count = new Float64Array(length)
  }
  add(at: number, term: number): void {
    this.sum[at]! += term
    this.size[at]! += Math.abs(term)
    this.count[at]!++
  }
  /** Where something else came out; nothing if nothing did. */
  differences(found: ReadonlyArray<number>): ReadonlyArray<readonly [at: number, found: number, wanted: number]> {
    const wrong = Array.from(this.sum, (wanted, at) => {
      const value = found[at]!
      const bound = (this.count[at]! + 3) * 2 ** -24 * this.size[at]! + 1e-38
      if (!Number.isFinite(wanted) || this.size[at]! > 3.4e38)
        return Number.isFinite(value) && !(this.size[at]! < Infinity)
      return !(Math.abs(value - wanted) <= bound)
    })
    const all = wrong.flatMap((is, at) => (is ? [[at, found[at]!, this.sum[at]!] as const] : []))
    return found.length === this.sum.length ? all : [[-1, found.length, this.sum.length], ...all]
  }
}

/** Where compiled functions find these windows. */
export const placeOfWindows = (one: Windows): number => placeOf(machineOf(tf.backend() as BackendWasm), infoOf(one))
