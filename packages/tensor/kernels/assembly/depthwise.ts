/**
 * Convolutions of each channel by itself: images `[images, height, width, channels]`, filters `[rows, columns, channels, times]`, results
 * `[images, down, across, channels times]`, four of the results' channels at once. `top` and `left` are how far the first window begins
 * outside; what lies there is no part of a sum.
 */
import { Axis } from "./axis"
import { Lanes } from "./lanes"

abstract class Depthwise {
  /** Numbers of a pixel for the results' channels from `k`: each counts `times` times. */
  @inline static pixel(x: usize, k: i32, some: i32, times: i32): v128 {
    if (times == 1) return Lanes.load(x + ((<usize>k) << 2), some)
    let v = v128.load_lane<f32>(x + ((<usize>(k / times)) << 2), f32x4.splat(0), 0)
    if (some > 1) v = v128.load_lane<f32>(x + ((<usize>((k + 1) / times)) << 2), v, 1)
    if (some > 2) v = v128.load_lane<f32>(x + ((<usize>((k + 2) / times)) << 2), v, 2)
    if (some > 3) v = v128.load_lane<f32>(x + ((<usize>((k + 3) / times)) << 2), v, 3)
    return v
  }
}

export function depthwise(
  x: usize,
  filter: usize,
  out: usize,
  images: i32,
  height: i32,
  width: i32,
  channels: i32,
  times: i32,
  down: i32,
  across: i32,
  rows: i32,
  columns: i32,
  strideHeight: i32,
  strideWidth: i32,
  dilationHeight: i32,
  dilationWidth: i32,
  top: i32,
  left: i32,
): void {
  const made = channels * times
  const pixel = (<usize>channels) << 2
  const tap = (<usize>made) << 2
  const line = <usize>width * pixel
  for (let n = 0; n < images; n++) {
    for (let i = 0, y = -top; i < down; i++, y += strideHeight) {
      const u0 = Axis.from(y, dilationHeight)
      const u1 = Axis.to(y, rows, dilationHeight, height)
      for (let j = 0, at = -left; j < across; j++, at += strideWidth) {
        const v0 = Axis.from(at, dilationWidth)
        const v1 = Axis.to(at, columns, dilationWidth, width)
        for (let k = 0; k < made; k += 4) {
          const some = made - k
          let sum = f32x4.splat(0)
          for (let u = u0; u < u1; u++) {
            let cell = x + <usize>(y + u * dilationHeight) * line + <usize>(at + v0 * dilationWidth) * pixel
            let weight = filter + <usize>(u * columns + v0) * tap + ((<usize>k) << 2)
            for (let v = v0; v < v1; v++) {
              sum = Lanes.madd(Depthwise.pixel(cell, k, some, times), Lanes.load(weight, some), sum)
              cell += <usize>dilationWidth * pixel
              weight += tap
            }
          }
          Lanes.store(out + ((<usize>k) << 2), some, sum)
        }
        out += tap
      }
    }
    x += <usize>height * line
  }
}

/** To each cell the slopes of what it was part of. */
export function depthwiseInput(
  dy: usize,
  filter: usize,
  dx: usize,
  images: i32,
  height: i32,
  width: i32,
  channels: i32,
  times: i32,
  down: i32,
  across: i32,
  rows: i32,
  columns: i32,
  strideHeight: i32,
  strideWidth: i32,
  dilationHeight: i32,
  dilationWidth: i32,
  top: i32,
  left: i32,
): void {
  const made = channels * times
  const pixel = (<usize>channels) << 2
  const tap = (<usize>made) << 2
  const line = <usize>width * pixel
  memory.fill(dx, 0, <usize>images * <usize>height * line)
  for (let n = 0; n < images; n++) {
    for (let i = 0, y = -top; i < down; i++, y += strideHeight) {
      const u0 = Axis.from(y, dilationHeight)
      const u1 = Axis.to(y, rows, dilationHeight, height)
      for (let j = 0, at = -left; j < across; j++, at += strideWidth) {
        const v0 = Axis.from(at, dilationWidth)
        const v1 = Axis.to(at, columns, dilationWidth, width)
        for (let u = u0; u < u1; u++)
          for (let v = v0; v < v1; v++) {
            const cell = dx + <usize>(y + u * dilationHeight) * line + <usize>(at + v * dilationWidth) * pixel
            const weight = filter + <usize>(u * columns + v) * tap
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
          }
        dy += tap
      }
    }
    dx += <usize>height * line
  }
}

/** The results' channels `first` to `last` of the filter: sums over all windows, those of an image first. */
export function depthwiseFilter(
  x: usize,
  dy: usize,
  out: usize,
  images: i32,
  height: i32,
  width: i32,
  channels: i32,
  times: i32,
  down: i32,
  across: i32,
  rows: i32,
  columns: i32,
  strideHeight: i32,
  strideWidth: i32,
  dilationHeight: i32,
  dilationWidth: i32,
  top: i32,
  left: i32,
  first: i32,
  last: i32,
): void {
  const pixel = (<usize>channels) << 2
  const tap = (<usize>(channels * times)) << 2
  const line = <usize>width * pixel
  for (let u = 0; u < rows; u++)
    for (let v = 0; v < columns; v++)
      for (let k = first; k < last; k += 4) {
        const some = last - k
        let total = f32x4.splat(0)
        for (let n = 0; n < images; n++) {
          let sum = f32x4.splat(0)
          for (let i = 0; i < down; i++) {
            const y = i * strideHeight + u * dilationHeight - top
            if (y < 0 || y >= height) continue
            const row = x + (<usize>n * <usize>height + <usize>y) * line
            let slope = dy + <usize>(n * down + i) * <usize>across * tap + ((<usize>k) << 2)
            for (let j = 0, at = v * dilationWidth - left; j < across; j++, at += strideWidth) {
              if (at >= 0 && at < width)
                sum = Lanes.madd(Depthwise.pixel(row + <usize>at * pixel, k, some, times), Lanes.load(slope, some), sum)
              slope += tap
            }
          }
          total = f32x4.add(total, sum)
        }
        Lanes.store(out + <usize>(u * columns + v) * tap + ((<usize>k) << 2), some, total)
      }
}
