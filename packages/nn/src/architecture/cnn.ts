/** Convolutional networks for small images: convolution, activation and pooling, again and again, then dense layers. */
import type { Parameters } from "@relent/arrow"
import type { Source } from "@relent/random"
import { type Tensor, tf, type Tree, within } from "@relent/tensor"
import { Schema } from "effect"
import { type Activation, activationNames, activations } from "../activation.ts"
import { applyConv2d, conv2dPlan } from "../layer/conv2d.ts"
import { initLayers, LayerInvalid, type Layers } from "../layer/plan.ts"
import { maxPool } from "../layer/pool.ts"
import { type Architecture, count, denseProducts } from "./architecture.ts"
import { applyMlp, mlpPlans } from "./mlp.ts"

export interface CnnShape {
  /** Height, width and channels of an image. */
  readonly image: readonly [number, number, number]
  /** Channels after each 3 x 3 convolution; a 2 x 2 max pool follows it and halves the image, rounding down. */
  readonly channels: ReadonlyArray<number>
  /** Widths of dense layers before the last; none is usual. */
  readonly hidden: ReadonlyArray<number>
  readonly classes: number
  readonly members: number
  readonly activation: Activation
}

type Shape = Omit<CnnShape, "members">

const convolution = (index: number) => `convolutions/${index}`
const kernel = 3

/** Height, width and channels before each convolution, and what is left after the last pool. */
const images = ({ image, channels }: Shape): ReadonlyArray<readonly [number, number, number]> => {
  const sizes = [image]
  for (const outputs of channels) {
    const [height, width] = sizes.at(-1)!
    sizes.push([Math.floor(height / 2), Math.floor(width / 2), outputs])
  }
  const [height, width] = sizes.at(-1)!
  if (height * width === 0)
    throw new LayerInvalid({
      message: `an image of ${image[0]} x ${image[1]} can't be halved ${channels.length} times`,
      hint: "use fewer convolutions, or larger images",
    })
  return sizes
}

/** The dense layers at the end. */
const head = (shape: Shape) => {
  const [height, width, channels] = images(shape).at(-1)!
  return { widths: [height * width * channels, ...shape.hidden, shape.classes], activation: shape.activation }
}

const layers = (shape: Shape): Layers => {
  const { init } = activations[shape.activation]
  const sizes = images(shape)
  const plans = shape.channels.map((outputs, l) => {
    return [convolution(l), conv2dPlan({ inputs: sizes[l]![2], outputs, kernel, init })] as const
  })
  return { ...Object.fromEntries(plans), ...mlpPlans(head(shape)) }
}

/**
 * Starting weights: `convolutions/0/weight`, `convolutions/0/bias`, ..., then the dense layers `layers/0/weight`, ...
 *
 * @throws LayerInvalid if pooling leaves nothing of the image.
 */
export const initCnn = (shape: CnnShape, random: Source): Parameters => initLayers(layers(shape), shape.members, random)

/**
 * Logits `[members, batch, classes]` of images as rows `[members or 1, batch, height * width * channels]`: what goes into an MLP goes in
 * here.
 *
 * @reference lecun1998gradient
 */
export const applyCnn = (shape: Shape, tree: Tree, x: Tensor): Tensor => {
  const [members, batch] = x.shape as [number, number]
  const { apply } = activations[shape.activation]
  const h = shape.channels.reduce<Tensor>(
    (h, _, l) => maxPool(apply(applyConv2d(within(convolution(l), tree), h)), { size: 2 }),
    tf.reshape(x, [members, batch, ...shape.image]),
  )
  const rows = tf.reshape(h, [h.shape[0], batch, -1])
  return applyMlp(head(shape), tree, rows)
}

export const cnn: Architecture<CnnShape> = {
  fields: {
    image: Schema.Tuple([count, count, count]),
    channels: Schema.Array(count),
    hidden: Schema.Array(count),
    classes: count,
    activation: Schema.Literals(activationNames),
  },
  layers,
  apply: applyCnn,
  row: (shape) => {
    const sizes = images(shape)
    const convolutions = shape.channels.map((outputs, l) => {
      const [height, width, inputs] = sizes[l]!
      return height * width * kernel * kernel * inputs * outputs
    })
    return {
      inputs: shape.image.reduce((product, n) => product * n),
      outputs: shape.classes,
      products: convolutions.reduce((sum, n) => sum + n, denseProducts(head(shape).widths)),
    }
  },
}
