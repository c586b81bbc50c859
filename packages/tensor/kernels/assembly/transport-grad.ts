/** The gradient by the cost of what `transport.ts` computes. */
import { Exponential } from "./exponential"
import { Lanes } from "./lanes"
import { LARGEST } from "./softmax"

abstract class Slope {
  /** -by dy e^(x + y + mass), the sum of y and mass as a finite number. */
  @inline static of(x: v128, y: v128, dy: v128, by: v128, mass: v128): v128 {
    const level = f32x4.pmin(f32x4.pmax(f32x4.add(y, mass), f32x4.splat(-LARGEST)), f32x4.splat(LARGEST))
    return f32x4.neg(f32x4.mul(f32x4.mul(dy, by), Exponential.exp(f32x4.add(x, level))))
  }

  /** What isn't a vector along the row is the number at its address: h if `down`, else y and dy. */
  @inline static along(there: bool, from: usize, at: usize): v128 {
    return there ? v128.load(from + at) : v128.load_splat<f32>(from)
  }
  @inline static rest(there: bool, from: usize, at: usize, left: i32): v128 {
    return there ? Lanes.some(from + at, left, f32x4.splat(0)) : v128.load_splat<f32>(from)
  }

  @inline static row(
    down: bool,
    c: usize,
    h: usize,
    y: usize,
    dy: usize,
    out: usize,
    length: i32,
    by: f32,
    mass: f32,
  ): void {
    const factor = f32x4.splat(by)
    const more = f32x4.splat(mass)
    let at: usize = 0
    let left = length
    for (; left >= 4; left -= 4) {
      const x = Lanes.madd(v128.load(c + at), factor, Slope.along(!down, h, at))
      v128.store(out + at, Slope.of(x, Slope.along(down, y, at), Slope.along(down, dy, at), factor, more))
      at += 16
    }
    if (left == 0) return
    const x = Lanes.madd(Slope.rest(true, c, at, left), factor, Slope.rest(!down, h, at, left))
    const d = Slope.of(x, Slope.rest(down, y, at, left), Slope.rest(down, dy, at, left), factor, more)
    Lanes.put(out + at, left, d)
  }
}

/** out[groups, rows, length] = dy e^(x - log sum e^x) / epsilon of y and dy of the columns if `down`, else of the rows; by = -1 / epsilon. */
export function transportGrad(
  down: bool,
  cost: usize,
  h: usize,
  y: usize,
  dy: usize,
  out: usize,
  groups: i32,
  rows: i32,
  length: i32,
  by: f32,
  mass: f32,
): void {
  const bytes = (<usize>length) << 2
  for (let g = 0; g < groups; g++) {
    for (let r = 0; r < rows; r++) {
      if (down) Slope.row(true, cost, h, y, dy, out, length, by, mass)
      else Slope.row(false, cost, h, y, dy, out, length, by, mass)
      cost += bytes
      out += bytes
      h += down ? 4 : 0
      y += down ? 0 : 4
      dy += down ? 0 : 4
    }
    h += down ? 0 : bytes
    y += down ? bytes : 0
    dy += down ? bytes : 0
  }
}
