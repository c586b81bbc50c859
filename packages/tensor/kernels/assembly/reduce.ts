/**
 * Sums, products, largest and smallest numbers along rows and down columns. What is added to what depends on sizes only: 16 numbers at a
 * time, blocks of 32 such, 64 blocks; so the error of a sum grows like that of one by halves, and rows can be given to several threads.
 */
const SUM: i32 = 0
const PROD: i32 = 1
const MAX: i32 = 2
const MIN: i32 = 3
/** Rows of which a column is taken at once: few enough that their pages stay known to the processor. */
const BLOCK: i32 = 256

/** What two numbers become; `kind` is a constant wherever it is inlined. */
abstract class Fold {
  /** What changes nothing. */
  @inline static start(kind: i32): f32 {
    if (kind == SUM) return 0
    if (kind == PROD) return 1
    if (kind == MAX) return -Infinity
    return Infinity
  }

  @inline static lanes(kind: i32, a: v128, b: v128): v128 {
    if (kind == SUM) return f32x4.add(a, b)
    if (kind == PROD) return f32x4.mul(a, b)
    if (kind == MAX) return f32x4.max(a, b)
    return f32x4.min(a, b)
  }

  @inline static one(kind: i32, a: f32, b: f32): f32 {
    if (kind == SUM) return a + b
    if (kind == PROD) return a * b
    if (kind == MAX) return max<f32>(a, b)
    return min<f32>(a, b)
  }

  @inline static across(kind: i32, v: v128): f32 {
    return Fold.one(
      kind,
      Fold.one(kind, f32x4.extract_lane(v, 0), f32x4.extract_lane(v, 1)),
      Fold.one(kind, f32x4.extract_lane(v, 2), f32x4.extract_lane(v, 3)),
    )
  }

  /** out[rows] of x[rows, length], divided by `divisor`. */
  @inline static rows(kind: i32, x: usize, rows: i32, length: i32, out: usize, divisor: f32): void {
    const start = f32x4.splat(Fold.start(kind))
    for (let row = 0; row < rows; row++) {
      let total = start
      let left = length
      while (left >= 16) {
        let part = start
        for (let block = 0; block < 64 && left >= 16; block++) {
          let steps = min(32, left >> 4)
          left -= steps << 4
          let a = start
          let b = start
          let c = start
          let d = start
          for (; steps > 0; steps--) {
            a = Fold.lanes(kind, a, v128.load(x))
            b = Fold.lanes(kind, b, v128.load(x, 16))
            c = Fold.lanes(kind, c, v128.load(x, 32))
            d = Fold.lanes(kind, d, v128.load(x, 48))
            x += 64
          }
          part = Fold.lanes(kind, part, Fold.lanes(kind, Fold.lanes(kind, a, b), Fold.lanes(kind, c, d)))
        }
        total = Fold.lanes(kind, total, part)
      }
      for (; left >= 4; left -= 4) {
        total = Fold.lanes(kind, total, v128.load(x))
        x += 16
      }
      let result = Fold.across(kind, total)
      for (; left > 0; left--) {
        result = Fold.one(kind, result, load<f32>(x))
        x += 4
      }
      store<f32>(out, result / divisor)
      out += 4
    }
  }

  /** out[columns] of x[rows, columns], rows `stride` bytes apart, divided by `divisor`. */
  @inline static columns(kind: i32, x: usize, rows: i32, columns: i32, stride: usize, out: usize, divisor: f32): void {
    const start = f32x4.splat(Fold.start(kind))
    const by = f32x4.splat(divisor)
    const one = f32x4.splat(1)
    for (let first = 0; first == 0 || first < rows; first += BLOCK) {
      const height = min(BLOCK, rows - first)
      const more = first > 0
      const through = first + height >= rows ? by : one
      let j = 0
      for (; j + 16 <= columns; j += 16) {
        let from = x + ((<usize>j) << 2)
        const to = out + ((<usize>j) << 2)
        let a = start
        let b = start
        let c = start
        let d = start
        for (let i = height; i > 0; i--) {
          a = Fold.lanes(kind, a, v128.load(from))
          b = Fold.lanes(kind, b, v128.load(from, 16))
          c = Fold.lanes(kind, c, v128.load(from, 32))
          d = Fold.lanes(kind, d, v128.load(from, 48))
          from += stride
        }
        if (more) {
          a = Fold.lanes(kind, v128.load(to), a)
          b = Fold.lanes(kind, v128.load(to, 16), b)
          c = Fold.lanes(kind, v128.load(to, 32), c)
          d = Fold.lanes(kind, v128.load(to, 48), d)
        }
        v128.store(to, f32x4.div(a, through))
        v128.store(to, f32x4.div(b, through), 16)
        v128.store(to, f32x4.div(c, through), 32)
        v128.store(to, f32x4.div(d, through), 48)
      }
      for (; j + 4 <= columns; j += 4) {
        let from = x + ((<usize>j) << 2)
        const to = out + ((<usize>j) << 2)
        let a = start
        for (let i = height; i > 0; i--) {
          a = Fold.lanes(kind, a, v128.load(from))
          from += stride
        }
        if (more) a = Fold.lanes(kind, v128.load(to), a)
        v128.store(to, f32x4.div(a, through))
      }
      for (; j < columns; j++) {
        let from = x + ((<usize>j) << 2)
        const to = out + ((<usize>j) << 2)
        let a = Fold.start(kind)
        for (let i = height; i > 0; i--) {
          a = Fold.one(kind, a, load<f32>(from))
          from += stride
        }
        if (more) a = Fold.one(kind, load<f32>(to), a)
        store<f32>(to, a / f32x4.extract_lane(through, 0))
      }
      x += <usize>height * stride
    }
  }
}

/** out[rows] = each row of x[rows, length] folded, divided by `divisor`; of none what changes nothing. NaN comes through. */
export function foldRows(kind: i32, x: usize, rows: i32, length: i32, out: usize, divisor: f32): void {
  if (kind == SUM) Fold.rows(SUM, x, rows, length, out, divisor)
  else if (kind == PROD) Fold.rows(PROD, x, rows, length, out, divisor)
  else if (kind == MAX) Fold.rows(MAX, x, rows, length, out, divisor)
  else Fold.rows(MIN, x, rows, length, out, divisor)
}

/**
 * out[outer, columns] = the columns of x[outer, rows, columns] folded, divided by `divisor`; rows of both are `stride` bytes apart, so that
 * it can be a part of the columns.
 */
export function foldColumns(
  kind: i32,
  x: usize,
  outer: i32,
  rows: i32,
  columns: i32,
  stride: usize,
  out: usize,
  divisor: f32,
): void {
  for (let o = 0; o < outer; o++) {
    if (kind == SUM) Fold.columns(SUM, x, rows, columns, stride, out, divisor)
    else if (kind == PROD) Fold.columns(PROD, x, rows, columns, stride, out, divisor)
    else if (kind == MAX) Fold.columns(MAX, x, rows, columns, stride, out, divisor)
    else Fold.columns(MIN, x, rows, columns, stride, out, divisor)
    x += <usize>rows * stride
    out += stride
  }
}
