/** Convolutions of each channel by itself, and their gradients: threads share rows, images, or the channels of a filter. */
import { tf } from "../../tf.ts"
import { areFloats, float, type OwnKernel } from "../own.ts"
import { overParts } from "../share.ts"
import { costOf, type Info, placeOf, type Shape } from "./geometry.ts"

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

/** How many results each channel has. */
const timesOf = (info: Info) => info.outChannels / info.inChannels

export const depthwise: OwnKernel<"x" | "filter", tf.DepthwiseConv2dNativeAttrs> = {
  kernel: tf.DepthwiseConv2dNative,
  why: "the stock kernel gives zeros where strides differ; threads share its rows",
  outputs: ({ x, filter }, attributes) =>
    areFloats(x, filter) && attributes.dataFormat === "NHWC"
      ? [float([...infoOf(x.shape, filter.shape, attributes).outShape])]
      : undefined,
  bind: (machine, { x, filter }, [out], attributes) => {
    const info = infoOf(x.shape, filter.shape, attributes)
    const windows = placeOf(machine, info)
    const rows = info.batchSize * info.outHeight
    return overParts(machine, { count: rows, cost: costOf(info) }, (at, count, first) => {
      return ["depthwise", x.address, filter.address, at(out!), windows, timesOf(info), first, count]
    })
  },
}

export const depthwiseInput: OwnKernel<"dy" | "filter", tf.DepthwiseConv2dNativeBackpropInputAttrs> = {
  kernel: tf.DepthwiseConv2dNativeBackpropInput,
  why: "the library has none",
  outputs: ({ dy, filter }, { inputShape }) => (areFloats(dy, filter) ? [float([...inputShape])] : undefined),
  bind: (machine, { dy, filter }, [out], attributes) => {
    const info = infoOf(attributes.inputShape, filter.shape, attributes)
    const windows = placeOf(machine, info)
    return overParts(machine, { count: info.batchSize, cost: costOf(info) }, (at, images) => {
      return ["depthwiseInput", at(dy), filter.address, at(out!), windows, timesOf(info), images]
    })
  },
}

export const depthwiseFilter: OwnKernel<"x" | "dy", tf.DepthwiseConv2dNativeBackpropFilterAttrs> = {
  kernel: tf.DepthwiseConv2dNativeBackpropFilter,
  why: "the library has none",
  outputs: ({ x, dy }, { filterShape }) => (areFloats(x, dy) ? [float([...filterShape])] : undefined),
  bind: (machine, { x, dy }, [out], attributes) => {
    const info = infoOf(x.shape, attributes.filterShape, attributes)
    const sizes = [placeOf(machine, info), timesOf(info), info.batchSize] as const
    return machine.share({ count: info.outChannels, grain: 4, cost: costOf(info) }, (from, to) => {
      return ["depthwiseFilter", x.address, dy.address, out!.address, ...sizes, from, to]
    })
  },
}
