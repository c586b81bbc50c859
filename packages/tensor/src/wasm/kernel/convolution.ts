/** Convolutions. */
import { tf } from "../../tf.ts"
import type { Machine } from "../machine.ts"
import { areFloats, FLOAT, float, inOrder, type OwnKernel, type Place, type Shaped } from "../own.ts"
import { type Geometry, type Info, placeOf, type Shape } from "./geometry.ts"
import { bytesOf, cutOut, type Images, perPiece, type Piece, roomFor, seenPart } from "./images.ts"

type Attributes = Pick<tf.Conv2DAttrs, "strides" | "pad" | "dataFormat" | "dimRoundingMode"> &
  Partial<Pick<tf.Conv2DAttrs, "dilations">>

/** Its sizes. */
export const infoOf = (image: ReadonlyArray<number>, filter: ReadonlyArray<number>, attributes: Attributes): Info =>
  tf.backend_util.computeConv2DInfo(
    image as Shape,
    filter as Shape,
    attributes.strides,
    attributes.dilations ?? 1,
    attributes.pad,
    attributes.dimRoundingMode,
  )

/** Channels first are left to the kernel before. */
export const isKnown = ({ dataFormat }: Attributes, ...tensors: ReadonlyArray<Shaped>): boolean =>
  areFloats(...tensors) && dataFormat !== "NCHW"

interface Epilogue {
  readonly bias?: Place | undefined
  readonly relu?: boolean
}

export type Convolution = Geometry & Pick<Info, "outChannels">

/** Threads begin with a block of the product. */
const BLOCK = 96

/** One piece of the batch; threads share its places. */
export const seeing = (
  machine: Machine,
  piece: Piece,
  info: Convolution,
  { filter, out, bias, relu }: { filter: number; out: number; bias: number; relu: boolean },
): (() => void) => {
  const { outChannels } = info
  const windows = placeOf(machine, info)
  const count = piece.images * info.outHeight * info.outWidth
  const cost = count * outChannels * info.filterHeight * info.filterWidth * info.inChannels
  return machine.share({ count, grain: BLOCK, cost }, (from, to, workspace) => [
    "convolve",
    from,
    to - from,
    piece.address,
    piece.imageStride,
    piece.rowStride,
    windows,
    filter,
    outChannels,
    out + from * outChannels * FLOAT,
    bias,
    relu,
    workspace,
  ])
}

/** `y[n, i, j] = sum over u, v of x[n, i s + u d - top, j s + v d - left] w[u, v]`, in pieces of the batch. */
const convolution = (
  machine: Machine,
  { x, filter }: { readonly x: Images; readonly filter: number },
  out: number,
  info: Info,
  { bias, relu = false }: Epilogue,
): (() => void) => {
  const { batchSize, inChannels, outHeight, outWidth, outChannels } = info
  const part = seenPart(info)
  const some = perPiece(batchSize, bytesOf(part, inChannels), outHeight * outWidth)
  const pieces = cutOut(machine, x, part, some, machine.scratch(roomFor(x, part, some)))
  const calls = pieces.flatMap((piece) => [
    ...piece.prepare,
    seeing(machine, piece, info, {
      filter,
      out: out + piece.first * outHeight * outWidth * outChannels * FLOAT,
      bias: bias?.address ?? 0,
      relu,
    }),
  ])
  return inOrder(calls)
}

const forward = "the stock kernel takes up to 1.6 times as long on one thread, and has no others"

export const conv2d: OwnKernel<"x" | "filter", tf.Conv2DAttrs> = {
  kernel: tf.Conv2D,
  why: forward,
  outputs: ({ x, filter }, attributes) =>
    isKnown(attributes, x, filter) ? [float([...infoOf(x.shape, filter.shape, attributes).outShape])] : undefined,
  bind: (machine, { x, filter }, [out], attributes) => {
    const info = infoOf(x.shape, filter.shape, attributes)
    return convolution(machine, { x, filter: filter.address }, out!.address, info, {})
  },
}

interface FusedInputs {
  readonly x: Shaped
  readonly filter: Shaped
  readonly bias?: Shaped
}

export const fusedConv2d: OwnKernel<"x" | "filter" | "bias", tf.FusedConv2DAttrs> = {
  kernel: tf.FusedConv2D,
  why: `${forward}; bias and relu while the numbers are in the cache`,
  outputs: (inputs: FusedInputs, attributes) => {
    const { x, filter, bias } = inputs
    const known = attributes.activation === "linear" || attributes.activation === "relu"
    if (!known || !isKnown(attributes, x, filter, ...(bias ? [bias] : []))) return undefined
    const info = infoOf(x.shape, filter.shape, attributes)
    return bias && bias.shape.join() !== `${info.outChannels}` ? undefined : [float([...info.outShape])]
  },
  bind: (machine, inputs, [out], attributes) => {
    const { x, filter, bias } = inputs as FusedInputs & { readonly [name in "x" | "filter" | "bias"]: Place }
    const info = infoOf(x.shape, filter.shape, attributes)
    const epilogue = { bias, relu: attributes.activation === "relu" }
    return convolution(machine, { x, filter: filter.address }, out!.address, info, epilogue)
  },
}
