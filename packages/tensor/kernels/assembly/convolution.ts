/**
 * Convolutions and their gradients as products: the left matrix is what windows see, packed from where images lie (`patches.ts`). Images
 * have their border already. A filter is `[window's rows, columns, channels, outChannels]`.
 */
import { Left, multiply, windowOf } from "./gemm"
import { plane } from "./transpose"

/** Fills in the window: strides in pixels, those of images and rows in bytes. */
function see(
  image: usize,
  imageStride: usize,
  rowStride: usize,
  channels: i32,
  down: i32,
  across: i32,
  columns: i32,
  strideHeight: i32,
  strideWidth: i32,
  dilationHeight: i32,
  dilationWidth: i32,
  workspace: usize,
): void {
  const window = windowOf(workspace)
  const pixel = (<usize>channels) << 2
  const whole = dilationWidth == 1 // a row of the window is contiguous
  window.image = image
  window.down = down
  window.across = across
  window.imageStride = imageStride
  window.downStride = <usize>strideHeight * rowStride
  window.acrossStride = <usize>strideWidth * pixel
  window.run = whole ? columns * channels : channels
  window.runs = whole ? 1 : columns
  window.rowStride = <usize>dilationHeight * rowStride
  window.runStride = <usize>dilationWidth * pixel
}

/** out[places, outChannels] of `images`, plus `bias` unless that is 0, at least 0 where `relu`. */
export function convolve(
  images: i32,
  image: usize,
  imageStride: usize,
  rowStride: usize,
  channels: i32,
  down: i32,
  across: i32,
  rows: i32,
  columns: i32,
  strideHeight: i32,
  strideWidth: i32,
  dilationHeight: i32,
  dilationWidth: i32,
  filter: usize,
  outChannels: i32,
  out: usize,
  bias: usize,
  relu: bool,
  workspace: usize,
): void {
  // prettier-ignore
  see(image, imageStride, rowStride, channels, down, across, columns, strideHeight, strideWidth, dilationHeight, dilationWidth, workspace)
  const stride = (<usize>outChannels) << 2
  const places = images * down * across
  const taps = rows * columns * channels
  // prettier-ignore
  multiply(places, outChannels, taps, Left.Places, 0, 0, 0, filter, stride, 4, out, stride, bias, relu, false, workspace)
}

/** The gradient to the filter, from that to places, `slopes`: `out[taps, outChannels]`, rows of both `stride` bytes apart, added to what is there where `accumulate`. */
export function convolveFilter(
  images: i32,
  image: usize,
  imageStride: usize,
  rowStride: usize,
  channels: i32,
  down: i32,
  across: i32,
  rows: i32,
  columns: i32,
  strideHeight: i32,
  strideWidth: i32,
  dilationHeight: i32,
  dilationWidth: i32,
  slopes: usize,
  outChannels: i32,
  stride: usize,
  out: usize,
  accumulate: bool,
  workspace: usize,
): void {
  // prettier-ignore
  see(image, imageStride, rowStride, channels, down, across, columns, strideHeight, strideWidth, dilationHeight, dilationWidth, workspace)
  const places = images * down * across
  const taps = rows * columns * channels
  // prettier-ignore
  multiply(taps, outChannels, places, Left.Taps, 0, 0, 0, slopes, stride, 4, out, stride, 0, false, accumulate, workspace)
}

/**
 * Every `strideHeight`-th row from `row` on and every `strideWidth`-th column from `column` on of a filter `[rows, columns, channels,
 * outChannels]`, last ones first, as `[..., outChannels, channels]`.
 */
export function turnFilter(
  filter: usize,
  rows: i32,
  columns: i32,
  channels: i32,
  outChannels: i32,
  row: i32,
  column: i32,
  strideHeight: i32,
  strideWidth: i32,
  to: usize,
): void {
  const lastRow = row + ((rows - 1 - row) / strideHeight) * strideHeight
  const lastColumn = column + ((columns - 1 - column) / strideWidth) * strideWidth
  const tap = (<usize>(channels * outChannels)) << 2
  for (let u = lastRow; u >= row; u -= strideHeight)
    for (let v = lastColumn; v >= column; v -= strideWidth) {
      plane(
        filter + <usize>(u * columns + v) * tap,
        (<usize>outChannels) << 2,
        to,
        (<usize>channels) << 2,
        channels,
        outChannels,
      )
      to += tap
    }
}
