/** Image columns: which tensors are images, and an image as the address of a PNG that holds it. */
import type { Column } from "@relent/arrow"
import { encode } from "fast-png"

/** How the elements of a tensor make an image. */
export interface Layout {
  readonly height: number
  readonly width: number
  readonly channels: 1 | 3 | 4
  /** Whether channels come first: `[3, h, w]`. */
  readonly planar: boolean
  /** A mask of class numbers, which are few: shown from its least to its largest. */
  readonly mask: boolean
}

const channelCounts: ReadonlyArray<number> = [1, 3, 4]
/** Larger images would fill the page, smaller ones are small tables of numbers. */
const [least, most] = [2, 1024]

/**
 * Whether a column holds images: tensors of `uint8` (0 ... 255), or of floating point under a name that ends in `image`, of shape
 * `[h, w]`, `[h, w, 1|3|4]` or `[1|3|4, h, w]`. Bytes under a name that ends in `mask` are numbers of classes.
 */
export const layoutOf = (name: string, { dtype, shape }: Column): Layout | undefined => {
  const isImage = dtype === "uint8" || (dtype?.startsWith("float") === true && /(?:^|[^a-z])image$/i.test(name))
  if (!isImage || shape === undefined || !shape.every((size) => typeof size === "number")) return undefined
  const [a = 0, b = 0, c] = shape
  const fits = (height: number, width: number) => Math.min(height, width) >= least && Math.max(height, width) <= most
  const mask = /mask$/i.test(name)
  if (shape.length === 2) return fits(a, b) ? { height: a, width: b, channels: 1, planar: false, mask } : undefined
  if (shape.length !== 3 || c === undefined) return undefined
  if (channelCounts.includes(c) && fits(a, b))
    return { height: a, width: b, channels: c as Layout["channels"], planar: false, mask }
  return channelCounts.includes(a) && fits(b, c)
    ? { height: b, width: c, channels: a as Layout["channels"], planar: true, mask }
    : undefined
}

/** Floating point as bytes: 0 ... 1 or -1 ... 1 as they are; anything else, and masks, from the least to the largest. */
const bytesOf = (values: ArrayLike<number>, mask: boolean): Uint8Array => {
  if (values instanceof Uint8Array && !mask) return values
  let [low, high] = [Infinity, -Infinity]
  for (let i = 0; i < values.length; i++)
    if (Number.isFinite(values[i]!)) [low, high] = [Math.min(low, values[i]!), Math.max(high, values[i]!)]
  const [from, to] = mask
    ? [low, high]
    : low >= 0 && high <= 1
      ? [0, 1]
      : low >= -1 && high <= 1
        ? [-1, 1]
        : [low, high]
  const scale = to > from ? 255 / (to - from) : 0
  // NaN becomes 0: black.
  return Uint8Array.from(values, (value) => Math.round(Math.max(0, Math.min(255, (value - from) * scale))))
}

const interleaved = (bytes: Uint8Array, { height, width, channels }: Layout): Uint8Array => {
  const size = height * width
  return Uint8Array.from(bytes, (_, i) => bytes[(i % channels) * size + Math.floor(i / channels)]!)
}

/** An image as `data:image/png;base64,...`. */
export const pngOf = (values: ArrayLike<number>, layout: Layout): string => {
  const bytes = bytesOf(values, layout.mask)
  const { width, height, channels, planar } = layout
  const data = planar && channels > 1 ? interleaved(bytes, layout) : new Uint8Array(bytes)
  return `data:image/png;base64,${Buffer.from(encode({ width, height, channels, data })).toString("base64")}`
}
