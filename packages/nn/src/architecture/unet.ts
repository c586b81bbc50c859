/** U-Nets: an image of the same size from an image and a time, as score networks and denoisers are. */
import type { Parameters } from "@relent/arrow"
import type { Source } from "@relent/random"
import { type Tensor, tf, type Tree, within } from "@relent/tensor"
import { Schema } from "effect"
import { type Activation, activationNames, activations } from "../activation.ts"
import { applyConv2d, conv2dPlan } from "../layer/conv2d.ts"
import { applyDense, densePlan } from "../layer/dense.ts"
import { applyGroupNorm, groupSize, normPlan } from "../layer/norm.ts"
import { even, initLayers, LayerInvalid, type Layers } from "../layer/plan.ts"
import { averagePool } from "../layer/pool.ts"
import { applyResidualBlock, residualBlockPlan } from "../layer/residual-block.ts"
import { resize } from "../layer/resize.ts"
import { concatenated, concatenatedWidth } from "../layer/skip.ts"
import { timeEmbedding } from "../layer/time.ts"
import { type Architecture, count } from "./architecture.ts"

export interface UnetShape {
  /** Height, width and channels of an image. */
  readonly image: readonly [number, number, number]
  /** Channels at each size, the largest size first; each next one is half as high and wide, rounded down. The first is even. */
  readonly channels: ReadonlyArray<number>
  /** Of the norms; they divide all channels. Groups of one channel would subtract what the time adds. */
  readonly groups: number
  readonly members: number
  readonly activation: Activation
}

type Shape = Omit<UnetShape, "members">

const down = (level: number) => `down/${level}`
const up = (level: number) => `up/${level}`

/** Height and width at each level. */
const sizes = ({ image: [height, width], channels }: Shape): ReadonlyArray<readonly [number, number]> =>
  channels.map((_, l) => {
    const size = [Math.floor(height / 2 ** l), Math.floor(width / 2 ** l)] as const
    if (size[0] * size[1] === 0)
      throw new LayerInvalid({
        message: `an image of ${height} x ${width} can't be halved ${channels.length - 1} times`,
        hint: "use fewer levels, or larger images",
      })
    return size
  })

const layers = (shape: Shape): Layers => {
  const { image, channels, groups, activation } = shape
  const { init } = activations[activation]
  sizes(shape)
  for (const width of channels) groupSize(width, groups)
  const first = even(channels[0]!)
  const time = 4 * first
  const block = (inputs: number, outputs: number) => residualBlockPlan({ inputs, outputs, time, activation })
  const ways = channels.map((outputs, l) => [down(l), block(channels[Math.max(0, l - 1)]!, outputs)] as const)
  const back = channels.slice(0, -1).map((outputs, l) => {
    return [up(l), block(concatenatedWidth(channels[l + 1]!, outputs), outputs)] as const
  })
  return {
    "time/0": densePlan({ inputs: first, outputs: time, init }),
    "time/1": densePlan({ inputs: time, outputs: time, init }),
    in: conv2dPlan({ inputs: image[2], outputs: first, kernel: 3, init }),
    ...Object.fromEntries([...ways, ...back]),
    norm: normPlan({ width: first }),
    out: conv2dPlan({ inputs: first, outputs: image[2], kernel: 3, init }),
  }
}

/**
 * Starting weights: `time/0/weight`, `in/weight`, `down/0/conv1/weight`, ..., `up/0/conv1/weight`, ..., `out/weight`.
 *
 * @throws LayerInvalid if halving leaves nothing of the image, the groups don't divide the channels, or the first channels are odd.
 */
export const initUnet = (shape: UnetShape, random: Source): Parameters =>
  initLayers(layers(shape), shape.members, random)

/**
 * Images `[members, batch, height * width * channels]` of images as such rows, `[members or 1, batch, ...]`, and of times
 * `[members or 1, batch]`: residual blocks on ever smaller images, then on ever larger ones, each beside what was there at its size on
 * the way down.
 *
 * @reference ronneberger2015unet
 * @reference ho2020denoising
 */
export const applyUnet = (shape: Shape, tree: Tree, x: Tensor, times: Tensor): Tensor => {
  const { image, channels, groups, activation } = shape
  const { apply } = activations[activation]
  const [members, batch] = x.shape as [number, number]
  const waves = timeEmbedding(times, { width: channels[0]! })
  const time = applyDense(within("time/1", tree), apply(applyDense(within("time/0", tree), waves)))
  const block = (name: string, h: Tensor) => applyResidualBlock(within(name, tree), h, time, { groups, activation })

  let h = applyConv2d(within("in", tree), tf.reshape(x, [members, batch, ...image]))
  const kept: Array<Tensor> = []
  for (let l = 0; l < channels.length; l++) {
    h = block(down(l), l === 0 ? h : averagePool(h, { size: 2 }))
    kept.push(h)
  }
  for (let l = channels.length - 2; l >= 0; l--) h = block(up(l), concatenated(resize(h, sizes(shape)[l]!), kept[l]!))
  const last = applyConv2d(within("out", tree), apply(applyGroupNorm(within("norm", tree), h, { groups })))
  return tf.reshape(last, [last.shape[0], batch, -1])
}

const pixels = ({ image }: Shape) => image.reduce((product, n) => product * n)

/** A row is an image and then its time. */
export const unet: Architecture<UnetShape> = {
  fields: {
    image: Schema.Tuple([count, count, count]),
    channels: Schema.Array(count).check(Schema.isMinLength(1)),
    groups: count,
    activation: Schema.Literals(activationNames),
  },
  layers,
  apply: (shape, tree, rows) => {
    const size = pixels(shape)
    const [x, times] = tf.split(rows, [size, 1], -1) as [Tensor, Tensor]
    return applyUnet(shape, tree, x, tf.squeeze(times, [-1]))
  },
  row: (shape) => {
    const { channels } = shape
    const products = channels.map((outputs, l) => {
      const [height, width] = sizes(shape)[l]!
      const [before, below] = [channels[Math.max(0, l - 1)]!, channels[l + 1]]
      const back = below === undefined ? 0 : below + 2 * outputs
      return 9 * height * width * outputs * (before + outputs + back)
    })
    const ends = 2 * 9 * pixels(shape) * channels[0]!
    return {
      inputs: pixels(shape) + 1,
      outputs: pixels(shape),
      // Of the 3 x 3 convolutions; the rest is little.
      products: products.reduce((sum, n) => sum + n, ends),
    }
  },
}
