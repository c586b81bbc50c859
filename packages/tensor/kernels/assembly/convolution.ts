/**
 * Convolutions and their gradients as products: the left matrix is what windows see, packed from where images lie (`patches.ts`). Images
 * have their border already. A filter is `[window's rows, columns, channels, outChannels]`.
 */
import { Geometry } from "./geometry"
import { Left, multiply, windowOf } from "./gemm"
import { plane } from "./transpose"

/** Fills in what windows see from a place on, of images and rows that are so many bytes apart and have their border. */
function see(
  first: i32,
  image: usize,
  imageStride: usize,
  rowStride: usize,
  geometry: Geometry,
  workspace: usize,
): void {
  const window = windowOf(workspace)
  const channels = geometry.channels
  const columns = geometry.columns
  const whole = geometry.dilationWidth == 1 // a row of the window is contiguous
  window.first = first
  window.image = image
  window.down = geometry.down
  window.across = geometry.across
  window.imageStride = imageStride
  window.downStride = <usize>geometry.strideHeight * rowStride
  window.acrossStride = <usize>geometry.strideWidth * geometry.pixel
  window.run = whole ? columns * channels : channels
  window.runs = whole ? 1 : columns
  window.rowStride = <usize>geometry.dilationHeight * rowStride
  window.runStride = <usize>geometry.dilationWidth * geometry.pixel
}

/** out[places, outChannels] of the places of all images from the `first` on, plus `bias` unless that is 0, at least 0 where `relu`. */
export function convolve(
  first: i32,
  places: i32,
  image: usize,
  imageStride: usize,
  rowStride: usize,
  windows: usize,
  filter: usize,
  outChannels: i32,
  out: usize,
  bias: usize,
  relu: bool,
  workspace: usize,
): void {
  const geometry = changetype<Geometry>(windows)
  see(first, image, imageStride, rowStride, geometry, workspace)
  const stride = (<usize>outChannels) << 2
  const taps = geometry.rows * geometry.columns * geometry.channels
  // prettier-ignore
  multiply(places, outChannels, taps, Left.Places, 0, 0, 0, filter, stride, 4, out, stride, bias, relu, false, workspace)
}

/** The gradient to the filter, from that to places, `slopes`: `out[taps, outChannels]`, rows of both `stride` bytes apart, added to what is there where `accumulate`. */
export function convolveFilter(
  images: i32,
  image: usize,
  imageStride: usize,
  rowStride: usize,
  windows: usize,
  slopes: usize,
  outChannels: i32,
  stride: usize,
  out: usize,
  accumulate: bool,
  workspace: usize,
): void {
  const geometry = changetype<Geometry>(windows)
  see(0, image, imageStride, rowStride, geometry, workspace)
  const places = images * geometry.down * geometry.across
  const taps = geometry.rows * geometry.columns * geometry.channels
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
