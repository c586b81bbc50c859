/**
 * What is computed of one row: its sums go by blocks of 512 numbers, so that their error stays small in long ones, and depend on its
 * length only.
 */
import { Exponential } from "./exponential"
import { Lanes } from "./lanes"

/** Steps of 8 numbers to a block. */
const STEPS: i32 = 64

export abstract class Row {
  /** The largest number, NaN left out; -Infinity of none. */
  @inline static top(x: usize, length: i32): f32 {
    const none = f32x4.splat(-Infinity)
    let a = none
    let b = none
    let left = length
    for (; left >= 8; left -= 8) {
      a = f32x4.pmax(a, v128.load(x))
      b = f32x4.pmax(b, v128.load(x, 16))
      x += 32
    }
    if (left >= 4) {
      a = f32x4.pmax(a, v128.load(x))
      x += 16
      left -= 4
    }
    if (left > 0) b = f32x4.pmax(b, Lanes.some(x, left, none))
    return Lanes.max(f32x4.pmax(a, b))
  }

  /** e^x of x <= 0: each for itself, or a part of a sum only. */
  @inline static exponential(x: v128, alone: bool): v128 {
    return alone ? Exponential.expDown(x) : Exponential.part(x)
  }

  /** The sum of e^(x - top), each of which is written where `keep`; no x is larger than `top`. */
  @inline static exponentials(x: usize, length: i32, top: f32, keep: bool, to: usize): f32 {
    const high = f32x4.splat(top)
    let total = f32x4.splat(0)
    let left = length
    while (left >= 8) {
      let steps = min(STEPS, left >> 3)
      left -= steps << 3
      let a = f32x4.splat(0)
      let b = f32x4.splat(0)
      for (; steps > 0; steps--) {
        const e = Row.exponential(f32x4.sub(v128.load(x), high), keep)
        const f = Row.exponential(f32x4.sub(v128.load(x, 16), high), keep)
        if (keep) {
          v128.store(to, e)
          v128.store(to, f, 16)
          to += 32
        }
        a = f32x4.add(a, e)
        b = f32x4.add(b, f)
        x += 32
      }
      total = f32x4.add(total, f32x4.add(a, b))
    }
    if (left >= 4) {
      const e = Row.exponential(f32x4.sub(v128.load(x), high), keep)
      if (keep) {
        v128.store(to, e)
        to += 16
      }
      total = f32x4.add(total, e)
      x += 16
      left -= 4
    }
    if (left > 0) {
      const e = Row.exponential(f32x4.sub(Lanes.some(x, left, f32x4.splat(-Infinity)), high), keep)
      if (keep) Lanes.put(to, left, e)
      total = f32x4.add(total, e)
    }
    return Lanes.sum(total)
  }

  /** The sum of products, or of x alone unless `both`. */
  @inline static dot(x: usize, y: usize, length: i32, both: bool): f32 {
    const zero = f32x4.splat(0)
    const one = f32x4.splat(1)
    let total = zero
    let left = length
    while (left >= 8) {
      let steps = min(STEPS, left >> 3)
      left -= steps << 3
      let a = zero
      let b = zero
      for (; steps > 0; steps--) {
        a = both ? Lanes.madd(v128.load(x), v128.load(y), a) : f32x4.add(v128.load(x), a)
        b = both ? Lanes.madd(v128.load(x, 16), v128.load(y, 16), b) : f32x4.add(v128.load(x, 16), b)
        x += 32
        y += 32
      }
      total = f32x4.add(total, f32x4.add(a, b))
    }
    if (left >= 4) {
      total = Lanes.madd(v128.load(x), both ? v128.load(y) : one, total)
      x += 16
      y += 16
      left -= 4
    }
    if (left > 0) total = Lanes.madd(Lanes.some(x, left, zero), both ? Lanes.some(y, left, zero) : one, total)
    return Lanes.sum(total)
  }

  /** A row times a number, in place. */
  @inline static scale(x: usize, length: i32, by: f32): void {
    const factor = f32x4.splat(by)
    let left = length
    for (; left >= 4; left -= 4) {
      v128.store(x, f32x4.mul(v128.load(x), factor))
      x += 16
    }
    for (; left > 0; left--) {
      store<f32>(x, load<f32>(x) * by)
      x += 4
    }
  }
}
