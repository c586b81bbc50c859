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

abstract class Tap {
  /** What one tap of the filter sees in a row of an image, times the slopes of `places` that see it: pixels `across` bytes apart. */
  @inline static along(
    sum: v128,
    pixel: usize,
    slope: usize,
    places: i32,
    across: usize,
    tap: usize,
    k: i32,
    some: i32,
    times: i32,
  ): v128 {
    const o0 = Depthwise.offset(k, times)
    const o1 = Depthwise.offset(k + 1, times)
    const o2 = Depthwise.offset(k + 2, times)
    const o3 = Depthwise.offset(k + 3, times)
    for (; places > 0; places--) {
      const given = Depthwise.pixel(pixel, o0, o1, o2, o3, some, times == 1)
      sum = Lanes.madd(given, Lanes.load(slope, some), sum)
      pixel += across
      slope += tap
    }
    return sum
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
  const down = geometry.down
  const height = geometry.height
  const pixel = geometry.pixel
  const line = geometry.line
  const across = <usize>geometry.strideWidth * pixel
  const tap = (<usize>(geometry.channels * times)) << 2
  const row = <usize>geometry.across * tap
  for (let u = 0; u < geometry.rows; u++)
    for (let v = 0; v < geometry.columns; v++) {
      // The places whose tap lies inside.
      const at = geometry.column(0) + v * geometry.dilationWidth
      const j0 = Geometry.first(at, geometry.strideWidth)
      const places = Geometry.end(at, geometry.across, geometry.strideWidth, geometry.width) - j0
      const from = x + <usize>at * pixel + <usize>j0 * across
      for (let k = first; k < last; k += 4) {
        const some = last - k
        const slopes = dy + <usize>j0 * tap + ((<usize>k) << 2)
        let total = f32x4.splat(0)
        for (let n = 0; n < images; n++) {
          let sum = f32x4.splat(0)
          for (let i = 0; i < down; i++) {
            const y = geometry.row(i) + u * geometry.dilationHeight
            if (y < 0 || y >= height) continue
            const seen = from + <usize>(n * height + y) * line
            const slope = slopes + <usize>(n * down + i) * row
            if (times == 1 && some >= 4) sum = Tap.along(sum, seen, slope, places, across, tap, k, 4, 1)
            else sum = Tap.along(sum, seen, slope, places, across, tap, k, some, times)
          }
          total = f32x4.add(total, sum)
        }
        Lanes.store(out + <usize>(u * geometry.columns + v) * tap + ((<usize>k) << 2), some, total)
      }
    }
}
