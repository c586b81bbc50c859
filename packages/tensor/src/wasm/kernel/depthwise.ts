/** Convolutions of each channel by itself, and their gradients: threads share images, or the channels of a filter. */
import { tf } from "../../tf.ts"
import { areFloats, float, type OwnKernel, sizeOf } from "../own.ts"
import { Cost, overParts } from "../share.ts"
import type { Info, Shape } from "./images.ts"

type Attributes = Pick<tf.DepthwiseConv2dNativeBackpropInputAttrs, "strides" | "dilations" | "pad" | "dimRoundingMode">

const infoOf = (image: ReadonlyArray<number>, filter: ReadonlyArray<number>, attributes: Attributes): Info =>
  tf.backend_util.computeConv2DInfo(
    image as Shape,
    filter as Shape,
    attributes.strides,
    attributes.dilations ?? 1,
    attributes.pad,
    attributes.dimRoundingMode,
    true,
  )

const sizesOf = (info: Info, images: number) =>
  [
    images,
    info.inHeight,
    info.inWidth,
    info.inChannels,
    info.outChannels / info.inChannels,
    info.outHeight,
    info.outWidth,
    info.filterHeight,
    info.filterWidth,
    info.strideHeight,
    info.strideWidth,
    info.dilationHeight,
    info.dilationWidth,
    info.padInfo.top,
    info.padInfo.left,
  ] as const

const costOf = (info: Info) => sizeOf(info.outShape) * info.filterHeight * info.filterWidth * Cost.moved

export const depthwise: OwnKernel<"x" | "filter", tf.DepthwiseConv2dNativeAttrs> = {
  kernel: tf.DepthwiseConv2dNative,
  why: "threads share its images",
  outputs: ({ x, filter }, attributes) =>
    areFloats(x, filter) && attributes.dataFormat === "NHWC"
      ? [float([...infoOf(x.shape, filter.shape, attributes).outShape])]
      : undefined,
  bind: (machine, { x, filter }, [out], attributes) => {
    const info = infoOf(x.shape, filter.shape, attributes)
    return overParts(machine, { count: info.batchSize, cost: costOf(info) }, (at, images) => {
      return ["depthwise", at(x), filter.address, at(out!), ...sizesOf(info, images)]
    })
  },
}

export const depthwiseInput: OwnKernel<"dy" | "filter", tf.DepthwiseConv2dNativeBackpropInputAttrs> = {
  kernel: tf.DepthwiseConv2dNativeBackpropInput,
  why: "the library has none",
  outputs: ({ dy, filter }, { inputShape }) => (areFloats(dy, filter) ? [float([...inputShape])] : undefined),
  bind: (machine, { dy, filter }, [out], attributes) => {
    const info = infoOf(attributes.inputShape, filter.shape, attributes)
    return overParts(machine, { count: info.batchSize, cost: costOf(info) }, (at, images) => {
      return ["depthwiseInput", at(dy), filter.address, at(out!), ...sizesOf(info, images)]
    })
  },
}

export const depthwiseFilter: OwnKernel<"x" | "dy", tf.DepthwiseConv2dNativeBackpropFilterAttrs> = {
  kernel: tf.DepthwiseConv2dNativeBackpropFilter,
  why: "the library has none",
  outputs: ({ x, dy }, { filterShape }) => (areFloats(x, dy) ? [float([...filterShape])] : undefined),
  bind: (machine, { x, dy }, [out], attributes) => {
    const info = infoOf(x.shape, attributes.filterShape, attributes)
    const sizes = sizesOf(info, info.batchSize)
    return machine.share({ count: info.outChannels, grain: 4, cost: costOf(info) }, (from, to) => {
      return ["depthwiseFilter", x.address, dy.address, out!.address, ...sizes, from, to]
    })
  },
}
