/** The places of an image by which taps of a strided window reach them: the gradient to the image goes through these one by one. */
import type { Geometry } from "./geometry.ts"

/** Along one axis. */
interface Rest {
  /** The first tap of those that reach these places, a stride apart; `taps` of them. */
  readonly tap: number
  readonly taps: number
  /** The first place, `count` of them, a stride apart. */
  readonly first: number
  readonly count: number
  /** Where in `dy` what reaches the first place begins; negative ones are before it. */
  readonly start: number
}

/** Those whose distance from the first cell of the border leaves the same rest by the stride, without those that no tap reaches. */
const restsOf = (size: number, before: number, window: number, stride: number): ReadonlyArray<Rest> =>
  Array.from({ length: Math.min(stride, window) }, (_, tap) => {
    const from = Math.ceil((before - tap) / stride)
    const to = Math.floor((size - 1 + before - tap) / stride)
    const taps = Math.ceil((window - tap) / stride)
    return { tap, taps, first: from * stride + tap - before, count: to - from + 1, start: from - taps + 1 }
  }).filter(({ count }) => count > 0)

/** Places with rests along both axes. */
export interface Phase {
  readonly row: number
  readonly column: number
  readonly rows: number
  readonly columns: number
  readonly firstRow: number
  readonly firstColumn: number
  readonly height: number
  readonly width: number
  readonly top: number
  readonly left: number
}

export const phases = (info: Geometry): ReadonlyArray<Phase> =>
  restsOf(info.inHeight, info.padInfo.top, info.filterHeight, info.strideHeight).flatMap((down) =>
    restsOf(info.inWidth, info.padInfo.left, info.filterWidth, info.strideWidth).map((across) => ({
      row: down.tap,
      column: across.tap,
      rows: down.taps,
      columns: across.taps,
      firstRow: down.first,
      firstColumn: across.first,
      height: down.count,
      width: across.count,
      top: down.start,
      left: across.start,
    })),
  )
