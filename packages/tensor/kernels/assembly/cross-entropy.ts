/**
 * Cross-entropies of softmax(x), a number a row, which keep the probabilities q for their gradients. With x at least -1e30, d = x - max x
 * and S = sum e^d: - sum p log q = log S sum p - sum p d.
 */
import { Exponential } from "./exponential"
import { Lanes } from "./lanes"
import { Row } from "./row"

/** What stands for -Infinity: its class has probability 0, and 0 times its logarithm is 0. */
const IMPOSSIBLE: f32 = -1e30

abstract class Entropy {
  /** to = max(x, -1e30); NaN stays. */
  @inline static finite(x: usize, to: usize, bytes: usize): void {
    const least = f32x4.splat(IMPOSSIBLE)
    let at: usize = 0
    for (; at + 16 <= bytes; at += 16) v128.store(to + at, f32x4.pmax(v128.load(x + at), least))
    for (; at < bytes; at += 4) store<f32>(to + at, max<f32>(load<f32>(x + at), IMPOSSIBLE))
  }

  /** sum p (x - top) */
  @inline static along(p: usize, x: usize, length: i32, top: f32): f32 {
    const zero = f32x4.splat(0)
    const high = f32x4.splat(top)
    let total = zero
    let left = length
    while (left >= 4) {
      let steps = min(128, left >> 2)
      left -= steps << 2
      let part = zero
      for (; steps > 0; steps--) {
        part = Lanes.madd(v128.load(p), f32x4.sub(v128.load(x), high), part)
        p += 16
        x += 16
      }
      total = f32x4.add(total, part)
    }
    if (left > 0) total = Lanes.madd(Lanes.some(p, left, zero), f32x4.sub(Lanes.some(x, left, high), high), total)
    return Lanes.sum(total)
  }
}

/** loss[rows] = - sum p log q, and q[rows, length] */
export function crossEntropy(x: usize, p: usize, loss: usize, q: usize, rows: i32, length: i32): void {
  const bytes = (<usize>length) << 2
  for (let r = 0; r < rows; r++) {
    Entropy.finite(x, q, bytes)
    const top = Row.top(q, length)
    const along = Entropy.along(p, q, length, top)
    const mass = Row.dot(p, 0, length, false)
    const sum = Row.exponentials(q, length, top, true, q)
    Row.scale(q, length, 1 / sum)
    store<f32>(loss, length == 0 ? 0 : mass * Exponential.log1(sum) - along)
    x += bytes
    p += bytes
    q += bytes
    loss += 4
  }
}

/** out = dy (q sum p - p), dy[rows] */
export function crossEntropyGrad(dy: usize, p: usize, q: usize, out: usize, rows: i32, length: i32): void {
  for (let r = 0; r < rows; r++) {
    const mass = Row.dot(p, 0, length, false)
    const by = load<f32>(dy)
    const all = f32x4.splat(mass)
    const factor = f32x4.splat(by)
    let left = length
    for (; left >= 4; left -= 4) {
      v128.store(out, f32x4.mul(factor, f32x4.sub(f32x4.mul(v128.load(q), all), v128.load(p))))
      p += 16
      q += 16
      out += 16
    }
    for (; left > 0; left--) {
      store<f32>(out, by * (load<f32>(q) * mass - load<f32>(p)))
      p += 4
      q += 4
      out += 4
    }
    dy += 4
  }
}

/** loss[rows] = - log q at the label, 0 for a label that is none, and q[rows, length] */
export function sparseCrossEntropy(x: usize, labels: usize, loss: usize, q: usize, rows: i32, length: i32): void {
  const bytes = (<usize>length) << 2
  for (let r = 0; r < rows; r++) {
    Entropy.finite(x, q, bytes)
    const top = Row.top(q, length)
    const label = load<i32>(labels)
    const inside = label >= 0 && label < length
    const d: f32 = inside ? load<f32>(q + ((<usize>label) << 2)) - top : 0
    const sum = Row.exponentials(q, length, top, true, q)
    Row.scale(q, length, 1 / sum)
    store<f32>(loss, inside ? Exponential.log1(sum) - d : 0)
    x += bytes
    q += bytes
    labels += 4
    loss += 4
  }
}

/** out = dy (q - 1 at the label), dy[rows] */
export function sparseCrossEntropyGrad(dy: usize, labels: usize, q: usize, out: usize, rows: i32, length: i32): void {
  const bytes = (<usize>length) << 2
  for (let r = 0; r < rows; r++) {
    const by = load<f32>(dy)
    const factor = f32x4.splat(by)
    let at: usize = 0
    for (; at + 16 <= bytes; at += 16) v128.store(out + at, f32x4.mul(factor, v128.load(q + at)))
    for (; at < bytes; at += 4) store<f32>(out + at, by * load<f32>(q + at))
    const label = load<i32>(labels)
    if (label >= 0 && label < length) {
      const place = (<usize>label) << 2
      store<f32>(out + place, by * (load<f32>(q + place) - 1))
    }
    q += bytes
    out += bytes
    dy += 4
    labels += 4
  }
}
