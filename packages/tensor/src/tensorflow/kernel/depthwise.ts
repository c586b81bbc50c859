/** Dilated depthwise convolution: TensorFlow's kernel for the CPU has none, its Python takes the image apart instead. */
import {
  backend_util,
  batchToSpaceND,
  type DepthwiseConv2dNativeAttrs,
  DepthwiseConv2dNative,
  depthwiseConv2d,
  getKernel,
  pad as padded,
  registerKernel,
  slice,
  spaceToBatchND,
  type Tensor4D,
  tidy,
  unregisterKernel,
} from "@tensorflow/tfjs-core"

/**
 * Registers the kernel in place of the stock one. Once a process. The places whose rows and columns have the same remainders by the
 * dilations see only each other: each such part is an image of its own (`spaceToBatchND`), convolved without dilation.
 */
export const registerDepthwise = (): void => {
  const stock = getKernel(DepthwiseConv2dNative, "tensorflow")
  unregisterKernel(DepthwiseConv2dNative, "tensorflow")
  registerKernel({
    ...stock,
    kernelFunc: (given) => {
      const { strides, pad, dimRoundingMode, ...attrs } = given.attrs as unknown as DepthwiseConv2dNativeAttrs
      const dilations = attrs.dilations ?? 1 // the library passes null on
      const [x, filter] = [given.inputs["x"] as Tensor4D, given.inputs["filter"] as Tensor4D]
      const info = backend_util.computeConv2DInfo(x.shape, filter.shape, strides, dilations, pad, dimRoundingMode, true)
      const { dilationHeight, dilationWidth, inHeight, inWidth, outHeight, outWidth, padInfo } = info
      if (dilationHeight === 1 && dilationWidth === 1) return stock.kernelFunc(given)
      return tidy(() => {
        const { top, bottom, left, right } = padInfo
        const all = padded(x, [
          [0, 0],
          [top, bottom],
          [left, right],
          [0, 0],
        ])
        const block = [dilationHeight, dilationWidth]
        const fill = (size: number, by: number) => (by - (size % by)) % by
        const parts = spaceToBatchND(all, block, [
          [0, fill(inHeight + top + bottom, dilationHeight)],
          [0, fill(inWidth + left + right, dilationWidth)],
        ])
        const whole = batchToSpaceND(depthwiseConv2d(parts, filter, 1, "valid"), block, [
          [0, 0],
          [0, 0],
        ])
        return slice(whole, [0, 0, 0, 0], [info.batchSize, outHeight, outWidth, info.outChannels])
      })
    },
  })
}
