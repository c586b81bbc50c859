/** Images as windows see them: with their border, so that no window reaches beyond. */
import type { Machine } from "../machine.ts"
import { FLOAT } from "../own.ts"
import { Cost } from "../share.ts"
import type { Geometry, Shape } from "./geometry.ts"

/** Images `[images, height, width, channels]` from an address, of which `rows` and `columns` count. */
export interface Images {
  readonly address: number
  readonly shape: ReadonlyArray<number>
  readonly rows?: number
  readonly columns?: number
}

/** The part of each image that begins at row `top` and column `left`, negative ones above and left of it: zeros beyond the image. */
export interface Part {
  readonly top: number
  readonly left: number
  readonly height: number
  readonly width: number
}

/** Some of the images, from `first` on, with how far apart images and rows are in bytes, once `prepare` has run. */
export interface Piece {
  readonly first: number
  readonly images: number
  readonly address: number
  readonly imageStride: number
  readonly rowStride: number
  readonly prepare: ReadonlyArray<() => void>
}

/** The part that windows see. */
export const seenPart = (info: Geometry): Part => ({
  top: -info.padInfo.top,
  left: -info.padInfo.left,
  height: (info.outHeight - 1) * info.strideHeight + (info.filterHeight - 1) * info.dilationHeight + 1,
  width: (info.outWidth - 1) * info.strideWidth + (info.filterWidth - 1) * info.dilationWidth + 1,
})

const room = 2 ** 20
/** Fewer places make the packing of a filter count. */
const enough = 512

/** How many images there are in a piece: by their size and that of what is made of each. */
export const perPiece = (batch: number, bytes: number, places: number): number =>
  Math.min(batch, Math.max(1, Math.floor(room / Math.max(bytes, 1)), Math.ceil(enough / Math.max(places, 1))))

export const bytesOf = ({ height, width }: Part, channels: number): number =>
  Math.max(height, 0) * Math.max(width, 0) * channels * FLOAT

const within = (images: Images, { top, left, height, width }: Part): boolean => {
  const [, inHeight, inWidth] = images.shape as Shape
  const [rows, columns] = [images.rows ?? inHeight, images.columns ?? inWidth]
  return top >= 0 && left >= 0 && top + height <= rows && left + width <= columns
}

/** Bytes of room that `cutOut` wants. */
export const roomFor = (images: Images, part: Part, some: number): number =>
  within(images, part) ? 0 : some * bytesOf(part, images.shape[3]!)

/** A part of images where they lie, if all of it is inside, else copied to `room`: in pieces of `some`. */
export const cutOut = (
  machine: Machine,
  images: Images,
  part: Part,
  some: number,
  room: number,
): ReadonlyArray<Piece> => {
  const [batch, height, width, channels] = images.shape as Shape
  const { top, left } = part
  const [imageStride, rowStride] = [height * width * channels * FLOAT, width * channels * FLOAT]
  const inside = within(images, part)
  return Array.from({ length: Math.max(1, Math.ceil(batch / Math.max(some, 1))) }, (_, i) => {
    const first = i * some
    const count = Math.min(some, batch - first)
    const address = images.address + first * imageStride
    if (inside) {
      const start = address + top * rowStride + left * channels * FLOAT
      return { first, images: count, address: start, imageStride, rowStride, prepare: [] }
    }
    const [rows, columns] = [images.rows ?? height, images.columns ?? width]
    const row = part.width * channels * FLOAT
    const cost = (count * bytesOf(part, channels) * Cost.moved) / FLOAT
    const copy = machine.share({ count, grain: 1, cost }, (from, to) => [
      "cut",
      address + from * imageStride,
      to - from,
      imageStride,
      rowStride,
      rows,
      columns,
      channels,
      top,
      left,
      part.height,
      part.width,
      room + from * row * part.height,
    ])
    return { first, images: count, address: room, imageStride: row * part.height, rowStride: row, prepare: [copy] }
  })
}
