/**
 * Explicit padding of pools and of gradients of convolutions: tfjs-node has only 'valid' and 'same' there. The image is padded (or
 * cut) first and the padding of a gradient to it cut off.
 */
import { shares } from "../../composed/avg-pool-grad.ts"
import { part } from "../../composed/window.ts"
import { type Tensor, tf } from "../../tf.ts"

type Image = [number, number, number, number]
type Inputs = { readonly [name: string]: Tensor }
interface Attributes {
  readonly strides: number | [number, number]
  readonly dilations?: number | [number, number]
  readonly filterSize: number | [number, number]
  readonly pad: number | "same" | "valid" | tf.backend_util.ExplicitPadding
  readonly dataFormat?: "NHWC" | "NCHW"
  readonly dimRoundingMode?: "floor" | "round" | "ceil"
  readonly inputShape: Image
  readonly filterShape: Image
}

/** A kernel, the image without padding, and how it is put in place of the stock one. */
interface Padded {
  readonly name: string
  readonly shapes: (inputs: Inputs, attributes: Attributes) => { readonly image: Image; readonly filter?: Image }
  readonly depthwise?: boolean
  readonly compute: (inputs: Inputs, frame: Frame, stock: (inputs: Inputs, attributes?: object) => Tensor) => Tensor
}

/** Where the padded image lies. */
interface Frame {
  readonly info: tf.backend_util.Conv2DInfo
  readonly image: Image
  readonly size: readonly [number, number]
  /** The image with its padding, `outside` there. */
  readonly padded: (x: Tensor, outside?: number) => Tensor
  /** A gradient to the padded image, without the padding. */
  readonly cut: (dx: Tensor) => Tensor
}

const byX = ({ x }: Inputs) => ({ image: x!.shape as Image })
const byInput = ({ input }: Inputs) => ({ image: input!.shape as Image })
const toImage = ({ filter }: Inputs, { inputShape }: Attributes) => ({
  image: inputShape,
  filter: filter!.shape as Image,
})
const toFilter = ({ x }: Inputs, { filterShape }: Attributes) => ({ image: x!.shape as Image, filter: filterShape })

const imageGradient: Padded["compute"] = (inputs, { cut, image: [n, , , channels], size }, stock) =>
  cut(stock(inputs, { inputShape: [n, ...size, channels] }))
const filterGradient: Padded["compute"] = ({ x, dy }, { padded }, stock) => stock({ x: padded(x!), dy: dy! })

const kernels: ReadonlyArray<Padded> = [
  { name: tf.Conv2DBackpropInput, shapes: toImage, compute: imageGradient },
  { name: tf.Conv2DBackpropFilter, shapes: toFilter, compute: filterGradient },
  { name: tf.DepthwiseConv2dNativeBackpropInput, shapes: toImage, depthwise: true, compute: imageGradient },
  { name: tf.DepthwiseConv2dNativeBackpropFilter, shapes: toFilter, depthwise: true, compute: filterGradient },
  { name: tf.MaxPool, shapes: byX, compute: ({ x }, { padded }, stock) => stock({ x: padded(x!, -Infinity) }) },
  {
    name: tf.MaxPoolGrad,
    shapes: byInput,
    compute: ({ dy, input, output }, { padded, cut }, stock) =>
      cut(stock({ dy: dy!, input: padded(input!, -Infinity), output: output! })),
  },
  {
    name: tf.AvgPool, // the mean is over what lies inside the image
    shapes: byX,
    compute: ({ x }, { info, padded }, stock) => {
      const by = shares(info)
      const mean = stock({ x: padded(x!) })
      return by === undefined ? mean : tf.mul(mean, by)
    },
  },
  {
    name: tf.AvgPoolGrad,
    shapes: byInput,
    compute: ({ dy, input }, { info, padded, cut }, stock) => {
      const by = shares(info)
      return cut(stock({ dy: by === undefined ? dy! : tf.mul(dy!, by), input: padded(input!) }))
    },
  },
]

const frameOf = (image: Image, info: tf.backend_util.Conv2DInfo): Frame => {
  const { top, left } = info.padInfo
  const size = [
    (info.outHeight - 1) * info.strideHeight + info.effectiveFilterHeight,
    (info.outWidth - 1) * info.strideWidth + info.effectiveFilterWidth,
  ] as const
  return {
    info,
    image,
    size,
    padded: (x, outside) => part(x, [-top, -left], size, outside),
    cut: (dx) => part(dx, [top, left], [image[1], image[2]]),
  }
}

/** Registers the kernels in place of the stock ones. Once a process. */
export const registerPadding = (): void => {
  for (const { name, shapes, depthwise = false, compute } of kernels) {
    const stock = tf.getKernel(name, "tensorflow")
    tf.unregisterKernel(name, "tensorflow")
    tf.registerKernel({
      ...stock,
      kernelFunc: (given) => {
        const attributes = given.attrs as unknown as Attributes
        const { pad, strides, dilations, dimRoundingMode, filterSize } = attributes
        if (typeof pad === "string" || attributes.dataFormat === "NCHW") return stock.kernelFunc(given)
        const inputs = given.inputs as Inputs
        const { image, filter } = shapes(inputs, attributes)
        const info =
          filter === undefined
            ? tf.backend_util.computePool2DInfo(image, filterSize, strides, 1, pad, dimRoundingMode)
            : tf.backend_util.computeConv2DInfo(image, filter, strides, dilations ?? 1, pad, dimRoundingMode, depthwise)
        return tf.tidy(() =>
          compute(inputs, frameOf(image, info), (inputs, more) =>
            tf.engine().runKernel<Tensor>(name, inputs, { ...attributes, pad: "valid", ...more }),
          ),
        )
      },
    })
  }
}
