/** Rows standardised: y = n scale + offset with n = (x - mean) rate, rate = 1 / sqrt(variance + epsilon), and what the gradient needs. */
import { Lanes } from "./lanes"
import { Row } from "./row"

/** Rows that are added up before they are added to the sum of those before them. */
const BLOCK: i32 = 64

abstract class Norm {
  /** sum (x - mean)^2 */
  @inline static squares(x: usize, length: i32, mean: f32): f32 {
    const middle = f32x4.splat(mean)
    let total = f32x4.splat(0)
    let left = length
    while (left >= 8) {
      let steps = min(64, left >> 3)
      left -= steps << 3
      let a = f32x4.splat(0)
      let b = f32x4.splat(0)
      for (; steps > 0; steps--) {
        const d = f32x4.sub(v128.load(x), middle)
        const e = f32x4.sub(v128.load(x, 16), middle)
        a = Lanes.madd(d, d, a)
        b = Lanes.madd(e, e, b)
        x += 32
      }
      total = f32x4.add(total, f32x4.add(a, b))
    }
    if (left >= 4) {
      const d = f32x4.sub(v128.load(x), middle)
      total = Lanes.madd(d, d, total)
      x += 16
      left -= 4
    }
    if (left > 0) {
      const d = f32x4.sub(Lanes.some(x, left, middle), middle)
      total = Lanes.madd(d, d, total)
    }
    return Lanes.sum(total)
  }
}

/**
 * y of `groups` times `rows` rows, with mean and rate of each; scale and offset are `width` floats, those of the next group `apart` bytes
 * further on (0 where they are the same).
 */
export function layerNorm(
  x: usize,
  scale: usize,
  offset: usize,
  apart: usize,
  y: usize,
  mean: usize,
  rate: usize,
  groups: i32,
  rows: i32,
  width: i32,
  epsilon: f32,
): void {
  const bytes = (<usize>width) << 2
  const count = <f32>width
  for (let g = 0; g < groups; g++) {
    for (let r = 0; r < rows; r++) {
      const middle = Row.dot(x, 0, width, false) / count
      const by: f32 = 1 / sqrt<f32>(Norm.squares(x, width, middle) / count + epsilon)
      store<f32>(mean, middle)
      store<f32>(rate, by)
      const m = f32x4.splat(middle)
      const f = f32x4.splat(by)
      let at: usize = 0
      for (; at + 16 <= bytes; at += 16) {
        const n = f32x4.mul(f32x4.sub(v128.load(x + at), m), f)
        v128.store(y + at, Lanes.madd(n, v128.load(scale + at), v128.load(offset + at)))
      }
      for (; at < bytes; at += 4)
        store<f32>(y + at, (load<f32>(x + at) - middle) * by * load<f32>(scale + at) + load<f32>(offset + at))
      x += bytes
      y += bytes
      mean += 4
      rate += 4
    }
    scale += apart
    offset += apart
  }
}

/** out = rate (s - mean s - n mean(s n)), s = dy scale; the sums are over `width`. `out` may be neither x nor dy. */
export function layerNormGrad(
  dy: usize,
  x: usize,
  scale: usize,
  apart: usize,
  mean: usize,
  rate: usize,
  out: usize,
  groups: i32,
  rows: i32,
  width: i32,
): void {
  const bytes = (<usize>width) << 2
  const count = <f32>width
  const zero = f32x4.splat(0)
  for (let g = 0; g < groups; g++) {
    for (let r = 0; r < rows; r++) {
      const middle = load<f32>(mean)
      const by = load<f32>(rate)
      const m = f32x4.splat(middle)
      const f = f32x4.splat(by)
      // s is written first, and read again from the cache.
      let at: usize = 0
      let left = width
      let sum = zero
      let along = zero
      while (left >= 4) {
        let steps = min(128, left >> 2)
        left -= steps << 2
        let a = zero
        let b = zero
        for (; steps > 0; steps--) {
          const s = f32x4.mul(v128.load(dy + at), v128.load(scale + at))
          v128.store(out + at, s)
          a = f32x4.add(a, s)
          b = Lanes.madd(s, f32x4.mul(f32x4.sub(v128.load(x + at), m), f), b)
          at += 16
        }
        sum = f32x4.add(sum, a)
        along = f32x4.add(along, b)
      }
      if (left > 0) {
        const s = f32x4.mul(Lanes.some(dy + at, left, zero), Lanes.some(scale + at, left, zero))
        Lanes.put(out + at, left, s)
        sum = f32x4.add(sum, s)
        along = Lanes.madd(s, f32x4.mul(f32x4.sub(Lanes.some(x + at, left, m), m), f), along)
      }
      const shift = Lanes.sum(sum) / count
      const slope = Lanes.sum(along) / count
      const h = f32x4.splat(shift)
      const k = f32x4.splat(slope)
      at = 0
      for (; at + 16 <= bytes; at += 16) {
        const n = f32x4.mul(f32x4.sub(v128.load(x + at), m), f)
        v128.store(out + at, f32x4.mul(f, f32x4.sub(f32x4.sub(v128.load(out + at), h), f32x4.mul(n, k))))
      }
      for (; at < bytes; at += 4) {
        const n = (load<f32>(x + at) - middle) * by
        store<f32>(out + at, by * (load<f32>(out + at) - shift - n * slope))
      }
      dy += bytes
      x += bytes
      out += bytes
      mean += 4
      rate += 4
    }
    scale += apart
  }
}

/**
 * byScale[groups, width] = sum over a group's rows of dy n, byOffset that of dy: the columns from `from` to before `to`.
 */
export function layerNormColumns(
  dy: usize,
  x: usize,
  mean: usize,
  rate: usize,
  byScale: usize,
  byOffset: usize,
  groups: i32,
  rows: i32,
  width: i32,
  from: i32,
  to: i32,
): void {
  const bytes = (<usize>width) << 2
  const zero = f32x4.splat(0)
  for (let g = 0; g < groups; g++) {
    for (let first = 0; first == 0 || first < rows; first += BLOCK) {
      const height = min(BLOCK, rows - first)
      const more = first > 0
      for (let j = from; j < to; j += 4) {
        const here = min(4, to - j)
        const whole = here == 4
        const place = (<usize>j) << 2
        let at = <usize>first * bytes + place
        let a = zero
        let b = zero
        for (let r = first; r < first + height; r++) {
          const step = (<usize>r) << 2
          const m = v128.load_splat<f32>(mean + step)
          const d = whole ? v128.load(dy + at) : Lanes.some(dy + at, here, zero)
          const v = whole ? v128.load(x + at) : Lanes.some(x + at, here, m)
          a = Lanes.madd(d, f32x4.mul(f32x4.sub(v, m), v128.load_splat<f32>(rate + step)), a)
          b = f32x4.add(b, d)
          at += bytes
        }
        if (whole) {
          v128.store(byScale + place, more ? f32x4.add(v128.load(byScale + place), a) : a)
          v128.store(byOffset + place, more ? f32x4.add(v128.load(byOffset + place), b) : b)
        } else {
          Lanes.put(byScale + place, here, more ? f32x4.add(Lanes.some(byScale + place, here, zero), a) : a)
          Lanes.put(byOffset + place, here, more ? f32x4.add(Lanes.some(byOffset + place, here, zero), b) : b)
        }
      }
    }
    dy += <usize>rows * bytes
    x += <usize>rows * bytes
    mean += (<usize>rows) << 2
    rate += (<usize>rows) << 2
    byScale += bytes
    byOffset += bytes
  }
}
