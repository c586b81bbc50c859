/**
 * Sizes of convolutions and pools, where the library is wrong.
 *
 * From padding by a number it computes the size of the output with the height of window and stride for both axes
 * (`computeConv2DInfo`): with others that aren't square the shape is wrong, and the compiled kernels of wasm write past its end.
 * Padding that is spelled out is computed right. A window that doesn't fit in the image makes those kernels do the same.
 */
import { Data } from "effect"
import { tf } from "../tf.ts"

class WindowTooLarge extends Data.TaggedError("WindowTooLarge")<{ readonly message: string }> {}

interface Attributes {
  readonly strides: number | [number, number]
  readonly dilations?: number | [number, number]
  readonly filterSize: number | [number, number]
  readonly pad: number | "same" | "valid" | tf.backend_util.ExplicitPadding
  readonly dataFormat?: "NHWC" | "NCHW"
  readonly dimRoundingMode?: "floor" | "round" | "ceil"
}
type Info = tf.backend_util.Conv2DInfo
type Shape = [number, number, number, number]

const convolution =
  (depthwise: boolean) =>
  ({ x, filter }: tf.NamedTensorInfoMap, { strides, dilations, pad, dimRoundingMode, dataFormat }: Attributes): Info =>
    tf.backend_util.computeConv2DInfo(
      x!.shape as Shape,
      filter!.shape as Shape,
      strides,
      dilations ?? 1,
      pad,
      dimRoundingMode,
      depthwise,
      tf.backend_util.convertConv2DDataFormat(dataFormat ?? "NHWC"),
    )
const pool = ({ x }: tf.NamedTensorInfoMap, { filterSize, strides, pad, dimRoundingMode }: Attributes): Info =>
  tf.backend_util.computePool2DInfo(x!.shape as Shape, filterSize, strides, 1, pad, dimRoundingMode)

/** Those that make an output, and how its size is computed; gradients, which have the size of what is there. */
const kernels = new Map<string, ((inputs: tf.NamedTensorInfoMap, attributes: Attributes) => Info) | undefined>([
  [tf.Conv2D, convolution(false)],
  [tf.FusedConv2D, convolution(false)],
  [tf.DepthwiseConv2dNative, convolution(true)],
  [tf.FusedDepthwiseConv2D, convolution(true)],
  [tf.MaxPool, pool],
  [tf.AvgPool, pool],
  [tf.Conv2DBackpropInput, undefined],
  [tf.Conv2DBackpropFilter, undefined],
  [tf.DepthwiseConv2dNativeBackpropInput, undefined],
  [tf.DepthwiseConv2dNativeBackpropFilter, undefined],
  [tf.MaxPoolGrad, undefined],
  [tf.AvgPoolGrad, undefined],
])

/** Padding by a number, spelled out for each side of each axis. */
const spelled = (given: Attributes): Attributes => {
  const { pad, dataFormat } = given
  if (typeof pad !== "number") return given
  const [none, sides]: ReadonlyArray<[number, number]> = [
    [0, 0],
    [pad, pad],
  ] as const
  const axes = dataFormat === "NCHW" ? [none, none, sides, sides] : [none, sides, sides, none]
  return { ...given, pad: axes as tf.backend_util.ExplicitPadding }
}

/** Puts right sizes before a backend's convolutions and pools. Once a process, after its other kernels. */
export const mendGeometry = (backendName: string): void => {
  for (const [name, infoOf] of kernels) {
    const stock = tf.getKernel(name, backendName)
    if (!stock) continue
    tf.unregisterKernel(name, backendName)
    tf.registerKernel({
      ...stock,
      kernelFunc: (given) => {
        const attributes = spelled(given.attrs as unknown as Attributes)
        const info = infoOf?.(given.inputs, attributes)
        if (info && Math.min(info.outHeight, info.outWidth) < 0) {
          const { effectiveFilterHeight, effectiveFilterWidth, inHeight, inWidth } = info
          const sizes = `${effectiveFilterHeight} x ${effectiveFilterWidth} doesn't fit in an image of ${inHeight} x ${inWidth}`
          throw new WindowTooLarge({ message: `${name}: a window of ${sizes}, padding included` })
        }
        if (info && info.outHeight * info.outWidth === 0) return tf.zeros(info.outShape)
        return stock.kernelFunc({ ...given, attrs: attributes as never })
      },
    })
  }
}
