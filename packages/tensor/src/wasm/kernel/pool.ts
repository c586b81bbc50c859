/** Pools and their gradients: threads share images. */
import { tf } from "../../tf.ts"
import type { Machine } from "../machine.ts"
import { areFloats, float, type OwnKernel, sizeOf } from "../own.ts"
import { type At, Cost, overParts } from "../share.ts"
import type { Call } from "../threads/pool.ts"
import type { Info, Shape } from "./images.ts"

type Attributes = tf.MaxPoolAttrs | tf.MaxPoolGradAttrs | tf.AvgPoolAttrs | tf.AvgPoolGradAttrs
type Sizes = ReturnType<typeof sizesOf>

const infoOf = (shape: ReadonlyArray<number>, { filterSize, strides, pad, ...rest }: Attributes): Info =>
  tf.backend_util.computePool2DInfo(
    shape as Shape,
    filterSize,
    strides,
    1,
    pad,
    "dimRoundingMode" in rest ? rest.dimRoundingMode : undefined,
  )

const sizesOf = (info: Info, images: number) =>
  [
    images,
    info.inHeight,
    info.inWidth,
    info.inChannels,
    info.outHeight,
    info.outWidth,
    info.filterHeight,
    info.filterWidth,
    info.strideHeight,
    info.strideWidth,
    info.padInfo.top,
    info.padInfo.left,
  ] as const

const overImages = (machine: Machine, info: Info, call: (at: At, sizes: Sizes) => Call): (() => void) => {
  const cost = sizeOf(info.outShape) * info.filterHeight * info.filterWidth * Cost.moved
  return overParts(machine, { count: info.batchSize, cost }, (at, images) => call(at, sizesOf(info, images)))
}

const pool = (
  kernel: string,
  name: "maxPool" | "averagePool",
  why: string,
): OwnKernel<"x", tf.MaxPoolAttrs | tf.AvgPoolAttrs> => ({
  kernel,
  why,
  outputs: ({ x }, attributes) => (areFloats(x) ? [float([...infoOf(x.shape, attributes).outShape])] : undefined),
  bind: (machine, { x }, [out], attributes) =>
    overImages(machine, infoOf(x.shape, attributes), (at, sizes) => [name, at(x), at(out!), ...sizes]),
})

export const maxPool = pool(tf.MaxPool, "maxPool", "threads share its images")
export const avgPool = pool(tf.AvgPool, "averagePool", "threads share its images")

export const maxPoolGrad: OwnKernel<"dy" | "input" | "output", tf.MaxPoolGradAttrs> = {
  kernel: tf.MaxPoolGrad,
  why: "the stock kernel loses the gradient of a maximum that isn't positive, or gives it to the wrong cell",
  outputs: ({ input }) => [float([...input.shape])],
  bind: (machine, { dy, input, output }, [out], attributes) =>
    overImages(machine, infoOf(input.shape, attributes), (at, sizes) => [
      "poolGrad",
      at(dy),
      at(input),
      at(output),
      at(out!),
      ...sizes,
    ]),
}

export const avgPoolGrad: OwnKernel<"dy" | "input", tf.AvgPoolGradAttrs> = {
  kernel: tf.AvgPoolGrad,
  why: "the stock kernel divides by the whole window, where the mean is over its cells inside the image",
  outputs: ({ input }) => [float([...input.shape])],
  bind: (machine, { dy, input }, [out], attributes) =>
    overImages(machine, infoOf(input.shape, attributes), (at, sizes) => ["poolGrad", at(dy), 0, 0, at(out!), ...sizes]),
}
