/** Segmentation networks: classes of every pixel. A U-Net without time, whose convolutions of stride 2 halve the image. */
import type { Parameters } from "@relent/arrow"
import type { Source } from "@relent/random"
import { type Tensor, tf, type Tree, within } from "@relent/tensor"
import { Schema } from "effect"
import { type Activation, activationNames, activations } from "../activation.ts"
import { applyConv2d, conv2dPlan } from "../layer/conv2d.ts"
import { applyInstanceNorm, normPlan } from "../layer/norm.ts"
import { initLayers, type Layers } from "../layer/plan.ts"
import { resize } from "../layer/resize.ts"
import { concatenated, concatenatedWidth } from "../layer/skip.ts"
import { type Architecture, count } from "./architecture.ts"

export interface SegmenterShape {
  /** Height, width and channels of an image. */
  readonly image: readonly [number, number, number]
  /** Channels at each size, the largest size first; each next one is half as high and wide, rounded up. */
  readonly channels: ReadonlyArray<number>
  readonly classes: number
  /** Between a convolution, which then has no bias, and its activation. */
  readonly norm: "none" | "instance"
  readonly members: number
  readonly activation: Activation
}

type Shape = Omit<SegmenterShape, "members">

/** A convolution of it; `level` is the size of what comes out, 0 the largest. */
interface Convolution {
  readonly name: string
  readonly inputs: number
  readonly outputs: number
  readonly level: number
}

/** Two at each size on the way down (one at the first), one at each on the way up. */
const convolutions = ({ image, channels }: Shape): ReadonlyArray<Convolution> => {
  const down = channels.flatMap((outputs, level): ReadonlyArray<Convolution> => {
    const inputs = level === 0 ? image[2] : channels[level - 1]!
    const first = { name: `down/${level}/0`, inputs, outputs, level }
    return level === 0 ? [first] : [first, { name: `down/${level}/1`, inputs: outputs, outputs, level }]
  })
  const up = channels.slice(0, -1).map((outputs, level): Convolution => {
    return { name: `up/${level}`, inputs: concatenatedWidth(channels[level + 1]!, outputs), outputs, level }
  })
  return [...down, ...up.toReversed()]
}

const layers = (shape: Shape): Layers => {
  const { channels, classes, norm, activation } = shape
  const { init } = activations[activation]
  const each = convolutions(shape).map(({ name, inputs, outputs }): Layers => {
    return {
      [name]: conv2dPlan({ inputs, outputs, kernel: 3, init, bias: norm === "none" }),
      ...(norm === "instance" && { [`${name}/norm`]: normPlan({ width: outputs }) }),
    }
  })
  return Object.assign({}, ...each, { out: conv2dPlan({ inputs: channels[0]!, outputs: classes, kernel: 1, init }) })
}

/**
 * Starting weights: `down/0/0/weight`, `down/1/0/weight`, `down/1/1/weight`, ..., `up/0/weight`, `out/weight`; with norms
 * `down/0/0/norm/scale` and so on.
 */
export const initSegmenter = (shape: SegmenterShape, random: Source): Parameters =>
  initLayers(layers(shape), shape.members, random)

/** Whether a path of its parameters is a norm's. */
export const isNorm = (path: string): boolean => path.split("/").includes("norm")

/**
 * Logits `[members, batch, height, width, classes]` of images as rows `[members or 1, batch, height * width * channels]`: 3 x 3
 * convolutions on ever smaller images, then on ever larger ones (nearest), each beside what was there at its size on the way down.
 *
 * @reference ronneberger2015unet
 */
export const applySegmenter = (shape: Shape, tree: Tree, x: Tensor): Tensor => {
  const { image, channels, norm, activation } = shape
  const [members, batch] = x.shape as [number, number]
  const { apply } = activations[activation]
  const block = (name: string, h: Tensor, stride = 1) => {
    const y = applyConv2d(within(name, tree), h, { stride })
    return apply(norm === "instance" ? applyInstanceNorm(within(`${name}/norm`, tree), y) : y)
  }
  const kept = [block("down/0/0", tf.reshape(x, [members, batch, ...image]))]
  for (let l = 1; l < channels.length; l++) kept.push(block(`down/${l}/1`, block(`down/${l}/0`, kept[l - 1]!, 2)))
  let h = kept.at(-1)!
  for (let l = channels.length - 2; l >= 0; l--) {
    const [height, width] = kept[l]!.shape.slice(2) as [number, number]
    h = block(`up/${l}`, concatenated(resize(h, [height, width]), kept[l]!))
  }
  return applyConv2d(within("out", tree), h)
}

export const segmenter: Architecture<SegmenterShape> = {
  fields: {
    image: Schema.Tuple([count, count, count]),
    channels: Schema.Array(count).check(Schema.isMinLength(1)),
    classes: count,
    norm: Schema.Literals(["none", "instance"]),
    activation: Schema.Literals(activationNames),
  },
  layers,
  apply: applySegmenter,
  row: (shape) => {
    const [height, width, channels] = shape.image
    const pixels = (level: number) => Math.ceil(height / 2 ** level) * Math.ceil(width / 2 ** level)
    const products = convolutions(shape).map(({ inputs, outputs, level }) => 9 * pixels(level) * inputs * outputs)
    const last = height * width * shape.channels[0]! * shape.classes
    return {
      inputs: height * width * channels,
      outputs: height * width * shape.classes,
      products: products.reduce((sum, n) => sum + n, last),
    }
  },
}
