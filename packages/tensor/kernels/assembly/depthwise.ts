/**
 * Convolutions of each channel by itself: filters `[rows, columns, channels, times]`, results `[images, down, across, channels times]`, four
 * of the results' channels at once. What lies outside of an image is no part of a sum.
 */
import { Geometry } from "./geometry"
import { Lanes } from "./lanes"

export abstract class Depthwise {
  /** How far into a pixel the number for a result's channel is: each counts `times` times. */
  @inline static offset(k: i32, times: i32): usize {
    return (<usize>(k / times)) << 2
  }

  /** So many numbers of a pixel, one after the other where each counts once: then they begin at `o0`. */
  @inline static pixel(x: usize, o0: usize, o1: usize, o2: usize, o3: usize, some: i32, once: bool): v128 {
    if (once) return Lanes.load(x + o0, some)
    let v = v128.load_lane<f32>(x + o0, f32x4.splat(0), 0)
    if (some > 1) v = v128.load_lane<f32>(x + o1, v, 1)
    if (some > 2) v = v128.load_lane<f32>(x + o2, v, 2)
    if (some > 3) v = v128.load_lane<f32>(x + o3, v, 3)
    return v
  }

  /**
   * Channels from `k` on of cells times their weights, `height` times `width` of them: cells are `down` and `across` bytes apart, weights
   * `tapRow` and `tap`.
   */
  @inline static sum(
    cell: usize,
    weight: usize,
    height: i32,
    width: i32,
    down: usize,
    across: usize,
    tapRow: usize,
    tap: usize,
    k: i32,
    some: i32,
    times: i32,
  ): v128 {
    const o0 = Depthwise.offset(k, times)
    const o1 = Depthwise.offset(k + 1, times)
    const o2 = Depthwise.offset(k + 2, times)
    const o3 = Depthwise.offset(k + 3, times)
    let sum = f32x4.splat(0)
    weight += (<usize>k) << 2
    for (let u = height; u > 0; u--) {
      let x = cell
      let w = weight
      for (let v = width; v > 0; v--) {
        sum = Lanes.madd(Depthwise.pixel(x, o0, o1, o2, o3, some, times == 1), Lanes.load(w, some), sum)
        x += across
        w += tap
      }
      cell += down
      weight += tapRow
    }
    return sum
  }
}

/** `height` rows of the results of all images, from the `first` on, at `out`. */
export function depthwise(
  x: usize,
  filter: usize,
  out: usize,
  windows: usize,
  times: i32,
  first: i32,
  height: i32,
): void {
  const geometry = changetype<Geometry>(windows)
  const made = geometry.channels * times
  const tap = (<usize>made) << 2
  const tapRow = <usize>geometry.columns * tap
  const pixel = geometry.pixel
  const line = geometry.line
  const down = <usize>geometry.dilationHeight * line
  const across = <usize>geometry.dilationWidth * pixel
  for (let row = first; row < first + height; row++) {
    const image = row / geometry.down
    const y = geometry.row(row - image * geometry.down)
    const u0 = geometry.firstRow(y)
    const rows = geometry.endRow(y) - u0
    const from = x + <usize>(image * geometry.height + y) * line + <usize>u0 * down
    for (let j = 0; j < geometry.across; j++) {
      const at = geometry.column(j)
      const v0 = geometry.firstColumn(at)
      const columns = geometry.endColumn(at) - v0
      const cell = from + <usize>at * pixel + <usize>v0 * across
      const weight = filter + <usize>u0 * tapRow + <usize>v0 * tap
      let k = 0
      if (times == 1)
        for (; k + 4 <= made; k += 4) {
          v128.store(out, Depthwise.sum(cell, weight, rows, columns, down, across, tapRow, tap, k, 4, 1))
          out += 16
        }
      for (; k < made; k += 4) {
        const some = min(4, made - k)
        Lanes.store(out, some, Depthwise.sum(cell, weight, rows, columns, down, across, tapRow, tap, k, some, times))
        out += (<usize>some) << 2
      }
    }
  }
}
