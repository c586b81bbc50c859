/** Gradients of convolutions of each channel by itself. */
import { Depthwise } from "./depthwise"
import { Geometry } from "./geometry"
import { Lanes } from "./lanes"

/** To each cell the slopes of what it was part of. */
export function depthwiseInput(dy: usize, filter: usize, dx: usize, windows: usize, times: i32, images: i32): void {
  const geometry = changetype<Geometry>(windows)
  const channels = geometry.channels
  const made = channels * times
  const tap = (<usize>made) << 2
  const tapRow = <usize>geometry.columns * tap
  const pixel = geometry.pixel
  const line = geometry.line
  const down = <usize>geometry.dilationHeight * line
  const across = <usize>geometry.dilationWidth * pixel
  const image = <usize>geometry.height * line
  memory.fill(dx, 0, <usize>images * image)
  for (let n = 0; n < images; n++) {
    for (let i = 0; i < geometry.down; i++) {
      const y = geometry.row(i)
      const u0 = geometry.firstRow(y)
      const u1 = geometry.endRow(y)
      for (let j = 0; j < geometry.across; j++) {
        const at = geometry.column(j)
        const v0 = geometry.firstColumn(at)
        const v1 = geometry.endColumn(at)
        for (let u = u0; u < u1; u++) {
          let cell = dx + <usize>y * line + <usize>u * down + <usize>at * pixel + <usize>v0 * across
          let weight = filter + <usize>u * tapRow + <usize>v0 * tap
          for (let v = v0; v < v1; v++) {
            if (times == 1) {
              for (let k = 0; k < made; k += 4) {
                const some = made - k
                const to = cell + ((<usize>k) << 2)
                const slope = Lanes.load(dy + ((<usize>k) << 2), some)
                const by = Lanes.load(weight + ((<usize>k) << 2), some)
                Lanes.store(to, some, Lanes.madd(slope, by, Lanes.load(to, some)))
              }
            } else {
              for (let c = 0; c < channels; c++) {
                let sum: f32 = 0
                for (let k = c * times; k < (c + 1) * times; k++)
                  sum += load<f32>(dy + ((<usize>k) << 2)) * load<f32>(weight + ((<usize>k) << 2))
                const to = cell + ((<usize>c) << 2)
                store<f32>(to, load<f32>(to) + sum)
              }
            }
            cell += across
            weight += tap
          }
        }
        dy += tap
      }
    }
    dx += image
  }
}

/** The results' channels `first` to `last` of the filter: sums over all windows, those of an image first. */
export function depthwiseFilter(
  x: usize,
  dy: usize,
  out: usize,
  windows: usize,
  times: i32,
  images: i32,
  first: i32,
  last: i32,
): void {
  const geometry = changetype<Geometry>(windows)
  const pixel = geometry.pixel
  const line = geometry.line
  const image = <usize>geometry.height * line
  const down = <usize>geometry.strideHeight * line
  const across = <usize>geometry.strideWidth * pixel
  const tap = (<usize>(geometry.channels * times)) << 2
  const row = <usize>geometry.across * tap
  for (let u = 0; u < geometry.rows; u++)
    for (let v = 0; v < geometry.columns; v++) {
      // The places for which this tap lies inside: it sees them as a window would that has a cell for each.
      const y = geometry.row(0) + u * geometry.dilationHeight
      const at = geometry.column(0) + v * geometry.dilationWidth
      const i0 = Geometry.first(y, geometry.strideHeight)
      const j0 = Geometry.first(at, geometry.strideWidth)
      const rows = Geometry.end(y, geometry.down, geometry.strideHeight, geometry.height) - i0
      const columns = Geometry.end(at, geometry.across, geometry.strideWidth, geometry.width) - j0
      const begin = x + <usize>y * line + <usize>i0 * down + <usize>at * pixel + <usize>j0 * across
      const slopes = dy + <usize>i0 * row + <usize>j0 * tap
      for (let k = first; k < last; k += 4) {
        const some = last - k
        let total = f32x4.splat(0)
        for (let n = 0; n < images; n++) {
          const cell = begin + <usize>n * image
          const slope = slopes + <usize>(n * geometry.down) * row
          const sum =
            times == 1 && some >= 4
              ? Depthwise.sum(cell, slope, rows, columns, down, across, row, tap, k, 4, 1)
              : Depthwise.sum(cell, slope, rows, columns, down, across, row, tap, k, some, times)
          total = f32x4.add(total, sum)
        }
        Lanes.store(out + <usize>(u * geometry.columns + v) * tap + ((<usize>k) << 2), some, total)
      }
    }
}
