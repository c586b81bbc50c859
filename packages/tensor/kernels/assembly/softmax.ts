/** Softmax, its logarithm, sums in logs, and their gradients: of rows one after the other. */
import { Exponential } from "./exponential"
import { Lanes } from "./lanes"
import { Row } from "./row"

/** What stands for an infinite number where a difference from it has to be one. */
export const LARGEST: f32 = 3.4e38
/** Taken from what doesn't count. */
const HIDDEN: f32 = 1e30

/** out = e^x / sum e^x */
export function softmax(x: usize, out: usize, rows: i32, length: i32): void {
  const bytes = (<usize>length) << 2
  for (let r = 0; r < rows; r++) {
    const sum = Row.exponentials(x, length, Row.top(x, length), true, out)
    Row.scale(out, length, 1 / sum)
    x += bytes
    out += bytes
  }
}

/** out = y (dy - sum y dy) */
export function softmaxGrad(dy: usize, y: usize, out: usize, rows: i32, length: i32): void {
  for (let r = 0; r < rows; r++) {
    const along = Row.dot(dy, y, length, true)
    const shift = f32x4.splat(along)
    let left = length
    for (; left >= 4; left -= 4) {
      v128.store(out, f32x4.mul(v128.load(y), f32x4.sub(v128.load(dy), shift)))
      dy += 16
      y += 16
      out += 16
    }
    for (; left > 0; left--) {
      store<f32>(out, load<f32>(y) * (load<f32>(dy) - along))
      dy += 4
      y += 4
      out += 4
    }
  }
}

/** out = x - log sum e^x */
export function logSoftmax(x: usize, out: usize, rows: i32, length: i32): void {
  for (let r = 0; r < rows; r++) {
    const top = Row.top(x, length)
    const size = Exponential.log1(Row.exponentials(x, length, top, false, 0))
    const high = f32x4.splat(top)
    const by = f32x4.splat(size)
    let left = length
    for (; left >= 4; left -= 4) {
      v128.store(out, f32x4.sub(f32x4.sub(v128.load(x), high), by))
      x += 16
      out += 16
    }
    for (; left > 0; left--) {
      store<f32>(out, load<f32>(x) - top - size)
      x += 4
      out += 4
    }
  }
}

/** out = dy - e^y sum dy */
export function logSoftmaxGrad(dy: usize, y: usize, out: usize, rows: i32, length: i32): void {
  const zero = f32x4.splat(0)
  for (let r = 0; r < rows; r++) {
    const sum = f32x4.splat(Row.dot(dy, 0, length, false))
    let left = length
    for (; left >= 4; left -= 4) {
      v128.store(out, f32x4.sub(v128.load(dy), f32x4.mul(sum, Exponential.expDown(v128.load(y)))))
      dy += 16
      y += 16
      out += 16
    }
    if (left > 0) {
      const e = Exponential.expDown(Lanes.some(y, left, zero))
      Lanes.put(out, left, f32x4.sub(Lanes.some(dy, left, zero), f32x4.mul(sum, e)))
      const bytes = (<usize>left) << 2
      dy += bytes
      y += bytes
      out += bytes
    }
  }
}

/** `top` unless a number is NaN, of a row that has nothing larger. */
function infinite(x: usize, length: i32, top: f32): f32 {
  for (let i = 0; i < length; i++) if (isNaN<f32>(load<f32>(x + ((<usize>i) << 2)))) return NaN
  return top
}

/** log sum e^x of a row with the largest number `top`; -Infinity of nothing else, Infinity of one. */
export function logSum(x: usize, length: i32, top: f32): f32 {
  if (abs<f32>(top) == Infinity) return infinite(x, length, top)
  return top + Exponential.log1(Row.exponentials(x, length, top, false, 0))
}

/** out[rows] = log sum e^x */
export function logSumExp(x: usize, out: usize, rows: i32, length: i32): void {
  for (let r = 0; r < rows; r++) {
    store<f32>(out, logSum(x, length, Row.top(x, length)))
    x += (<usize>length) << 2
    out += 4
  }
}

/** out = dy[rows] e^(x - y[rows]) */
export function logSumExpGrad(dy: usize, x: usize, y: usize, out: usize, rows: i32, length: i32): void {
  const none = f32x4.splat(-Infinity)
  for (let r = 0; r < rows; r++) {
    const whole = load<f32>(y)
    const level = f32x4.splat(min<f32>(max<f32>(whole, -LARGEST), LARGEST))
    const by = v128.load_splat<f32>(dy)
    const far = whole == Infinity
    let left = length
    for (; left >= 4; left -= 4) {
      const d = f32x4.sub(v128.load(x), level)
      v128.store(out, f32x4.mul(by, far ? Exponential.exp(d) : Exponential.expDown(d)))
      x += 16
      out += 16
    }
    if (left > 0) {
      const d = f32x4.sub(Lanes.some(x, left, none), level)
      Lanes.put(out, left, f32x4.mul(by, far ? Exponential.exp(d) : Exponential.expDown(d)))
      x += (<usize>left) << 2
      out += (<usize>left) << 2
    }
    dy += 4
    y += 4
  }
}

/** out = mask softmax(x + 1e30 (mask - 1)): the row r of x has the row `(first + r) % masks` of the mask. */
export function maskedSoftmax(x: usize, mask: usize, masks: i32, first: i32, out: usize, rows: i32, length: i32): void {
  const one = f32x4.splat(1)
  const hidden = f32x4.splat(HIDDEN)
  const bytes = (<usize>length) << 2
  for (let r = 0; r < rows; r++) {
    const seen = mask + <usize>((first + r) % masks) * bytes
    let at: usize = 0
    for (; at + 16 <= bytes; at += 16)
      v128.store(out + at, Lanes.madd(f32x4.sub(v128.load(seen + at), one), hidden, v128.load(x + at)))
    for (; at < bytes; at += 4) store<f32>(out + at, (load<f32>(seen + at) - 1) * HIDDEN + load<f32>(x + at))
    const by: f32 = 1 / Row.exponentials(out, length, Row.top(out, length), true, out)
    const factor = f32x4.splat(by)
    at = 0
    for (; at + 16 <= bytes; at += 16)
      v128.store(out + at, f32x4.mul(f32x4.mul(v128.load(out + at), factor), v128.load(seen + at)))
    for (; at < bytes; at += 4) store<f32>(out + at, load<f32>(out + at) * by * load<f32>(seen + at))
    x += bytes
    out += bytes
  }
}
